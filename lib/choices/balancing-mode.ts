import { Token } from "cdktf";
import { BridgeModel, TcpModel, VirtualDirectoryModel } from "../haproxy/model";
import type { SslBridgeCert } from "../ssl-bridge-cert";
import { invalid, wrong } from "../validation/errors";
import { CONFIG_NAME, HEADER_NAME, HEADER_VALUE } from "../validation/rules";
import { AnyShape, BY_RULE, FLAG, Shape, TEXTS_BY_NAME, checkStruct, choice, having, instanceOf, listOf, required, struct } from "../validation/shape";
import { BALANCE_MODEL, Balance } from "./balance";
import { DURATION, Duration } from "./duration";
import { HealthCheck } from "./health-check";
import { KNOWN_ATTACKS, KnownAttacks } from "./known-attacks";
import { PASSWORD_GUESSING, PasswordGuessing } from "./password-guessing";
import { PATH_STRICTNESS_MODEL, PathStrictness } from "./path-strictness";
import { TIMEOUTS } from "./timeouts";
import { TLS_POLICY_MODEL, TlsPolicy } from "./tls-policy";

/** Options for `BalancingMode.tcp()`. */
export interface TcpModeOptions {
  /**
   * How HTTPS connections are distributed over the members.
   *
   * @default Balance.ROUNDROBIN
   */
  readonly balance?: Balance;

  /**
   * How long an HTTPS connection may be idle.
   *
   * @default Duration.minutes(60) - ActiveSync heartbeats last up to 59 minutes
   */
  readonly idleTimeout?: Duration;

  /**
   * Whether port 80 answers with a redirect to HTTPS.
   *
   * @default true
   */
  readonly redirectToHttps?: boolean;

  /**
   * How HAProxy checks the HTTPS service of a member.
   *
   * @default HealthCheck.httpGet("/owa/healthcheck.htm")
   */
  readonly healthCheck?: HealthCheck;

  /**
   * The CAs that issued the members' certificate: name -> PEM text, known at synthesis. The balancers then trust these
   * CAs, and a health check also verifies the member's certificate: a trusted CA must have issued the certificate, and
   * the certificate must carry the member's `verifyName`. If the balancers already trust the CA, set this prop to `{}`.
   *
   * @default - a health check accepts any certificate, because the clients verify the certificate themselves
   */
  readonly rootCas?: { [name: string]: string };
}

/** What a deploy does if a member does not present the same certificate as the balancer. */
export enum CertificateMismatch {
  /** Stop before the deploy changes anything on this balancer. */
  STOP = "stop",
  /** Print the mismatch and continue. Use this only if Extended Protection stays off on the Exchange servers. */
  WARN = "warn",
}

/** A certificate for some of the client names. */
export interface SniCert {
  /** The certificate. The members must present the same certificate for `names`. */
  readonly cert: SslBridgeCert;

  /**
   * The client names for which clients get this certificate: any of the DAG's `clientNames` except the first one. May
   * be tokens.
   */
  readonly names: string[];
}

/** Options of the two modes in which TLS ends at the balancer: SSL bridging and SSL offloading. */
export interface TlsFrontOptions {
  /**
   * The TLS versions and ciphers that are offered to clients.
   *
   * @default TlsPolicy.SYSTEM
   */
  readonly tlsPolicy?: TlsPolicy;

  /**
   * Whether HTTP/2 is offered to clients. Use HTTP/2 only if nobody logs in by NTLM or Kerberos: NTLM and Kerberos
   * authenticate a whole connection, but HTTP/2 sends many requests over one connection. 20 of 60 parallel NTLM logins
   * failed over HTTP/2 (measured). Synthesis warns if `http2` is true.
   *
   * @default false
   */
  readonly http2?: boolean;

  /**
   * Which ambiguous paths HAProxy refuses.
   *
   * @default PathStrictness.STRICT
   */
  readonly pathStrictness?: PathStrictness;

  /**
   * Whether port 80 answers with a redirect to HTTPS.
   *
   * @default true
   */
  readonly redirectToHttps?: boolean;

  /**
   * Headers to add to each response that does not have them: name -> value. HAProxy does not change headers that
   * Exchange sets, because some of them protect clients (Content-Security-Policy protects against CVE-2026-42897).
   *
   * @default - X-Frame-Options SAMEORIGIN, X-Content-Type-Options nosniff,
   * Strict-Transport-Security max-age=63072000
   */
  readonly responseHeaders?: { [name: string]: string };

  /**
   * Headers that replace Exchange's own headers in each response: name -> value. Synthesis warns if you replace
   * Content-Security-Policy.
   *
   * @default - none
   */
  readonly replaceResponseHeaders?: { [name: string]: string };

  /**
   * How long to wait for a client that has stopped reading its response (`timeout client` of the HTTPS frontend). If
   * the value is below `HaproxyTimeouts.httpKeepAlive`, HAProxy closes idle connections already after `clientTimeout`.
   * Before HAProxy 2.9, this timeout also limits the TLS handshake. HAProxy's version also decides which timeout limits
   * a pause within a request's body: up to HAProxy 2.6 the directory's `serverTimeout`, and from HAProxy 3.0 on this
   * timeout (2.8 was not tested).
   *
   * `HaproxyTimeouts.httpKeepAlive` limits the pause between two requests, and `HaproxyTimeouts.httpRequest` limits the
   * time for a request's headers. No client timeout runs while a member works on its answer.
   *
   * @default - `HaproxyTimeouts.client`
   */
  readonly clientTimeout?: Duration;

  /**
   * The published attacks on Exchange that HAProxy refuses, such as `KnownAttacks.catalogue()`. HAProxy recognizes an
   * attack by the form of its requests.
   *
   * @default - for a balancer: none. For a border proxy: the attacks of the catalogue
   */
  readonly knownAttacks?: KnownAttacks;

  /**
   * How HAProxy stops password guessing before the guesses reach Exchange: `PasswordGuessing.stop()`.
   *
   * @default - HAProxy does not limit how many passwords a client can try
   */
  readonly passwordGuessing?: PasswordGuessing;
}

/** Options for `BalancingMode.sslBridge()`. */
export interface SslBridgeOptions extends TlsFrontOptions {
  /** The certificate. The members must present the same certificate. */
  readonly cert: SslBridgeCert;

  /**
   * Further certificates, each for some client names. The name that a client asks for (SNI) selects the certificate,
   * and the balancer asks the member for the same name. So each member needs, for all `names` of an entry, IIS bindings
   * with the entry's certificate. A client that asks for a name without an entry in `sniCerts`, or for no name, gets
   * `cert`.
   *
   * @default - one certificate for all client names
   */
  readonly sniCerts?: SniCert[];

  /**
   * What a deploy does if a member does not present the balancer's certificate, or if the balancer cannot verify the
   * member's certificate. Each balancer compares the SHA-256 fingerprints before the deploy changes anything on this
   * balancer. The comparison skips members that get no sessions.
   *
   * @default CertificateMismatch.STOP
   */
  readonly onCertificateMismatch?: CertificateMismatch;
}

/** Options for `BalancingMode.sslOffload()`. */
export interface SslOffloadOptions extends TlsFrontOptions {
  /** The certificate that clients get. */
  readonly cert: SslBridgeCert;
}

/**
 * Headers that a balancer must not set, because wrong values would cut or split responses, or would describe the body
 * wrongly (RFC 9110 7.6.1, RFC 9112 6).
 */
const NEVER_SET: ReadonlySet<string> = new Set([
  "content-length", "transfer-encoding", "content-encoding", "content-range", "connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade",
]);
const NEVER_REPLACED: ReadonlySet<string> = new Set(["set-cookie", "www-authenticate", "location", "content-type"]);

const TCP_OPTIONS: Shape<TcpModeOptions> = {
  balance: choice(Balance),
  idleTimeout: DURATION,
  redirectToHttps: FLAG,
  healthCheck: instanceOf('a HealthCheck, such as HealthCheck.httpGet("/owa/healthcheck.htm")', HealthCheck),
  rootCas: TEXTS_BY_NAME,
};

const CERT = having('an SslBridgeCert, such as SslBridgeCert.fromPemFile(this, "Cert", { path: "exch.pem" })', "_expiryWarningDays");

const TLS_FRONT: Shape<TlsFrontOptions> = {
  tlsPolicy: choice(TlsPolicy),
  http2: FLAG,
  pathStrictness: choice(PathStrictness),
  redirectToHttps: FLAG,
  responseHeaders: TEXTS_BY_NAME,
  replaceResponseHeaders: TEXTS_BY_NAME,
  clientTimeout: DURATION,
  knownAttacks: KNOWN_ATTACKS,
  passwordGuessing: PASSWORD_GUESSING,
};

const SNI_CERT: Shape<SniCert> = { cert: required(CERT), names: BY_RULE };

const SSL_OFFLOAD: Shape<SslOffloadOptions> = { ...TLS_FRONT, cert: required(CERT) };

const SSL_BRIDGE: Shape<SslBridgeOptions> = {
  ...SSL_OFFLOAD,
  sniCerts: listOf(struct(SNI_CERT)),
  onCertificateMismatch: choice(CertificateMismatch),
};

/** The facts about a balancer that a mode needs to make HAProxy's model. @internal */
export interface HttpsContext {
  /** The path of the file with all CAs that the host trusts. */
  readonly caBundle: string;
  readonly systemCryptoPolicy: boolean;
  /** The user's value for `timeout client`, in HAProxy's notation. Undefined if the user has set no value. */
  readonly clientTimeout?: string;
  /** `timeout client` for HAProxy before 2.9: one second more than `httpKeepAlive`. */
  readonly clientIdleTimeout: string;
  /** The first client name, which the members' certificate must carry. */
  readonly verifyHost: string;
  /** The words of the bind line that name the certificates: `crt FILE` or `crt-list FILE`. */
  readonly certificate: string;
  readonly virtualDirectories: readonly VirtualDirectoryModel[];
}

/**
 * How HTTPS is balanced: as TCP without decryption, with SSL bridging, or with SSL
 * offloading. Mail protocols are always balanced as TCP.
 *
 * @example
 * const bridging = BalancingMode.sslBridge({ cert });
 * const withOldPaths = BalancingMode.sslBridge({ cert, pathStrictness: PathStrictness.LENIENT });
 * const unread = BalancingMode.tcp({ idleTimeout: Duration.minutes(60) });
 */
export class BalancingMode {
  /**
   * TCP mode: HAProxy passes TLS connections on without decrypting them, so the balancers need no certificate. One
   * health check covers a member's whole HTTPS service. HAProxy cannot see paths, so it cannot refuse a path.
   *
   * @throws if the name of a CA in `rootCas` is invalid, or if the text of a CA is not a PEM certificate
   */
  public static tcp(options: TcpModeOptions = {}): BalancingMode {
    checkStruct("BalancingMode.tcp", "options", options, TCP_OPTIONS);
    for (const [name, pem] of Object.entries(options.rootCas ?? {})) {
      const where = "BalancingMode.tcp";
      if (!CONFIG_NAME.test(name)) throw invalid(where, "rootCas' name", CONFIG_NAME.expected, name);
      if (Token.isUnresolved(pem) || !pem.includes("-----BEGIN CERTIFICATE-----") || pem.includes("PRIVATE KEY")) {
        throw wrong(where, `rootCas["${name}"]`, "a certificate in PEM form without a private key, known at synthesis", "another value");
      }
    }
    return new BalancingMode("tcp", options, undefined);
  }

  /**
   * SSL bridging: TLS ends at the balancer. The balancer opens another TLS connection to the member. Each virtual
   * directory has its own health check, and HAProxy can refuse paths.
   *
   * @throws if the name or value of a response header is invalid
   */
  public static sslBridge(options: SslBridgeOptions): BalancingMode {
    return BalancingMode.tlsFront("sslBridge", options, SSL_BRIDGE);
  }

  /**
   * SSL offloading: TLS ends at the balancer, which sends plain HTTP to port 80 of the members. "Require SSL" must be
   * off in the members' virtual directories. Offloading does not work with Extended Protection, which is on by default
   * since Exchange 2019 CU14. So do not use offloading for a new site. Synthesis warns about offloading.
   *
   * @throws if the name or value of a response header is invalid
   */
  public static sslOffload(options: SslOffloadOptions): BalancingMode {
    return BalancingMode.tlsFront("sslOffload", options, SSL_OFFLOAD);
  }

  private static tlsFront(mode: string, options: SslBridgeOptions, shape: AnyShape): BalancingMode {
    const where = `BalancingMode.${mode}`;
    checkStruct(where, "options", options, shape);
    for (const prop of ["responseHeaders", "replaceResponseHeaders"] as const) {
      for (const [name, value] of Object.entries(options[prop] ?? {})) {
        if (!HEADER_NAME.test(name)) throw invalid(where, `${prop}' name`, HEADER_NAME.expected, name);
        if (NEVER_SET.has(name.toLowerCase()) || (prop === "replaceResponseHeaders" && NEVER_REPLACED.has(name.toLowerCase()))) {
          throw wrong(where, `${prop}' name`, "a header that a balancer can set safely", `${name}, which ${NEVER_SET.has(name.toLowerCase()) ? "controls how HTTP messages are read" : "must stay as Exchange sends it, because logins, redirects and pages need it"}`);
        }
        if (Token.isUnresolved(value) || !HEADER_VALUE.test(value)) {
          throw invalid(where, `${prop}["${name}"]`, `${HEADER_VALUE.expected}, known at synthesis`, value);
        }
      }
    }
    const names = [...Object.keys(options.responseHeaders ?? {}), ...Object.keys(options.replaceResponseHeaders ?? {})].map((name) => name.toLowerCase());
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw wrong(where, "the header names in responseHeaders and replaceResponseHeaders", "all different, without regard to case", `${twice} twice`);
    return new BalancingMode(mode, undefined, options);
  }

  private constructor(
    /** `tcp`, `sslBridge` or `sslOffload`. */
    public readonly name: string,
    /** @internal */
    public readonly _tcp: TcpModeOptions | undefined,
    /** @internal */
    public readonly _sslBridge: SslBridgeOptions | undefined,
  ) {}

  /** @internal */
  public get _offload(): boolean {
    return this.name === "sslOffload";
  }

  /** Translates the mode to HAProxy's model. @internal */
  public _toModel(at: HttpsContext): BridgeModel | TcpModel {
    return this._sslBridge === undefined ? tcpModel(this._tcp ?? {}, at) : this.bridgeModel(this._sslBridge, at);
  }

  private bridgeModel(options: SslBridgeOptions, at: HttpsContext): BridgeModel {
    return {
      mode: "bridge",
      certificate: at.certificate,
      sniNames: (options.sniCerts ?? []).flatMap(({ names }) => names),
      caFile: this._offload ? undefined : at.caBundle,
      verifyHost: at.verifyHost,
      tlsPolicy: TLS_POLICY_MODEL[options.tlsPolicy ?? TlsPolicy.SYSTEM],
      http2: options.http2 ?? false,
      pathStrictness: PATH_STRICTNESS_MODEL[options.pathStrictness ?? PathStrictness.STRICT],
      systemCryptoPolicy: at.systemCryptoPolicy,
      redirectToHttps: options.redirectToHttps ?? true,
      responseHeaders: Object.entries(options.responseHeaders ?? DEFAULT_HEADERS).map(([name, value]) => ({ name, value })),
      replaceResponseHeaders: Object.entries(options.replaceResponseHeaders ?? {}).map(([name, value]) => ({ name, value })),
      clientTimeout: options.clientTimeout?._toHaproxy() ?? at.clientTimeout,
      clientIdleTimeout: at.clientIdleTimeout,
      virtualDirectories: at.virtualDirectories,
      attacks: options.knownAttacks?._model,
      guesses: options.passwordGuessing?._toModel(),
    };
  }
}

function tcpModel(options: TcpModeOptions, at: HttpsContext): TcpModel {
  return {
    mode: "tcp",
    balance: BALANCE_MODEL[options.balance ?? Balance.ROUNDROBIN],
    idleTimeout: (options.idleTimeout ?? TIMEOUTS.tcp)._toHaproxy(),
    redirectToHttps: options.redirectToHttps ?? true,
    healthPath: (options.healthCheck ?? HealthCheck.httpGet("/owa/healthcheck.htm"))._toModel(),
    caFile: options.rootCas === undefined ? undefined : at.caBundle,
  };
}

const DEFAULT_HEADERS = {
  "X-Frame-Options": "SAMEORIGIN",
  "X-Content-Type-Options": "nosniff",
  "Strict-Transport-Security": "max-age=63072000",
};
