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
   * CAs. With this prop, a health check succeeds only if the member's certificate comes from a trusted CA and carries
   * the member's `verifyName`. Set the prop to `{}` if the system already trusts the CA.
   *
   * @default - a health check accepts any certificate, because the clients verify the certificate themselves
   */
  readonly rootCas?: { [name: string]: string };
}

/** What a deploy does if a member does not present the same certificate as the balancer. */
export enum CertificateMismatch {
  /** Stop on that balancer before anything is changed there. */
  STOP = "stop",
  /** Print the mismatch and continue. Only for Exchange servers on which Extended Protection stays off. */
  WARN = "warn",
}

/** A certificate for some of the client names. */
export interface SniCert {
  /** The certificate. The members must present the same certificate for `names`. */
  readonly cert: SslBridgeCert;

  /**
   * The client names that get this certificate: any of the DAG's `clientNames` except the first one. May be tokens.
   */
  readonly names: string[];
}

/** Options of the two modes in which TLS ends at the balancer. */
export interface TlsFrontOptions {
  /**
   * The TLS versions and ciphers that are offered to clients.
   *
   * @default TlsPolicy.SYSTEM
   */
  readonly tlsPolicy?: TlsPolicy;

  /**
   * Whether HTTP/2 is offered to clients. Use it only if nobody logs in by NTLM or Kerberos: these two authenticate a
   * whole connection, but HTTP/2 sends many requests over one connection. 20 of 60 parallel NTLM logins failed over
   * HTTP/2 (measured). Synthesis warns if `http2` is true.
   *
   * @default false
   */
  readonly http2?: boolean;

  /**
   * Which ambiguous paths are refused.
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
   * Headers to add to each response that does not have them: name -> value. A header that Exchange sets is not changed,
   * because some of Exchange's headers protect clients (Content-Security-Policy for CVE-2026-42897).
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
   * How long to wait for a client that has stopped reading its response (`timeout client` of the HTTPS frontend).
   * Before HAProxy 2.9, this timeout also limits the TLS handshake. From HAProxy 3.0 on, it also limits a pause in a
   * request's body; up to HAProxy 2.6, the directory's `serverTimeout` limits that pause.
   *
   * Other timeouts apply between two requests (`HaproxyTimeouts.httpKeepAlive`) and to a request's headers
   * (`HaproxyTimeouts.httpRequest`). No client timeout runs while a member works on its answer.
   *
   * @default - `HaproxyTimeouts.client`. A value below `HaproxyTimeouts.httpKeepAlive` closes idle connections earlier
   */
  readonly clientTimeout?: Duration;

  /**
   * Which published attacks on Exchange are refused, by the form of their requests: `KnownAttacks.catalogue()`.
   *
   * @default - none; a border proxy refuses the attacks of the catalogue
   */
  readonly knownAttacks?: KnownAttacks;

  /**
   * Whether guessed passwords are stopped before they reach Exchange: `PasswordGuessing.stop()`.
   *
   * @default - passwords can be guessed without limit
   */
  readonly passwordGuessing?: PasswordGuessing;
}

/** Options for `BalancingMode.sslBridge()`. */
export interface SslBridgeOptions extends TlsFrontOptions {
  /** The certificate. The members must present the same certificate. */
  readonly cert: SslBridgeCert;

  /**
   * Further certificates. The name that a client asks for (SNI) selects the certificate. The balancer sends the same
   * name to the member. So each member needs an IIS binding for this name, with the same certificate. A client that
   * asks for another name, or for no name, gets `cert`.
   *
   * @default - one certificate for all client names
   */
  readonly sniCerts?: SniCert[];

  /**
   * What a deploy does if a member does not present the same certificate as the balancer, or presents a certificate
   * that the balancer cannot verify. Each balancer compares SHA-256 fingerprints before anything is changed on it. It
   * does not compare members that get no sessions.
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
 * Headers that a balancer must not set, because they would cut or split responses, or describe the body wrongly (RFC
 * 9110 7.6.1, RFC 9112 6).
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

/** What a mode must know about its balancer to make HAProxy's model. @internal */
export interface HttpsContext {
  /** The CAs that the host trusts, as one file. */
  readonly caBundle: string;
  readonly systemCryptoPolicy: boolean;
  /** `timeout client` of the balancer as HAProxy writes it, if the user has set it. */
  readonly clientTimeout?: string;
  /** One second longer than a client may pause between two requests. */
  readonly clientIdleTimeout: string;
  /** The first client name. The members' certificate must carry it. */
  readonly verifyHost: string;
  /** The frontend's certificates: `crt FILE` or `crt-list FILE`. */
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
   * health check covers a member's whole HTTPS service. No path can be refused.
   *
   * @throws if a name in `rootCas` is invalid, or its text is not a PEM certificate
   */
  public static tcp(options: TcpModeOptions = {}): BalancingMode {
    checkStruct("BalancingMode.tcp", "options", options, TCP_OPTIONS);
    for (const [name, pem] of Object.entries(options.rootCas ?? {})) {
      const where = "BalancingMode.tcp";
      if (!CONFIG_NAME.test(name)) throw invalid(where, "rootCas' name", CONFIG_NAME.expected, name);
      if (Token.isUnresolved(pem) || !pem.includes("-----BEGIN CERTIFICATE-----") || pem.includes("PRIVATE KEY")) {
        throw wrong(where, `rootCas["${name}"]`, "a certificate in PEM form without a private key, known at synthesis", "something else");
      }
    }
    return new BalancingMode("tcp", options, undefined);
  }

  /**
   * SSL bridging: TLS ends at the balancer. The balancer opens another TLS connection to the member. Each virtual
   * directory has its own health check, and paths can be refused.
   *
   * @throws if the name or value of a response header is invalid
   */
  public static sslBridge(options: SslBridgeOptions): BalancingMode {
    return BalancingMode.tlsFront("sslBridge", options, SSL_BRIDGE);
  }

  /**
   * SSL offloading: TLS ends at the balancer, which sends plain HTTP to port 80 of the members. "Require SSL" must be
   * off in the members' virtual directories. Offloading does not work with Extended Protection, which is on by default
   * since Exchange 2019 CU14. So do not use offloading for a new site. Synthesis warns.
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
          throw wrong(where, `${prop}' name`, "a header that describes the page", `${name}, which ${NEVER_SET.has(name.toLowerCase()) ? "says how the message is read" : "must stay as Exchange sends it, because logins, redirects and pages need it"}`);
        }
        if (Token.isUnresolved(value) || !HEADER_VALUE.test(value)) {
          throw invalid(where, `${prop}["${name}"]`, `${HEADER_VALUE.expected}, known at synthesis`, value);
        }
      }
    }
    const names = [...Object.keys(options.responseHeaders ?? {}), ...Object.keys(options.replaceResponseHeaders ?? {})].map((name) => name.toLowerCase());
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw wrong(where, "responseHeaders' and replaceResponseHeaders' names", "all different, without regard to case", `${twice} twice`);
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
