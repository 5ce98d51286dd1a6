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
   * How HTTPS connections are spread over the members.
   *
   * @default Balance.ROUNDROBIN
   */
  readonly balance?: Balance;

  /**
   * How long an HTTPS connection may be silent.
   *
   * @default Duration.minutes(60) - ActiveSync heartbeats last up to 59 minutes;
   * the article's 1 minute cuts them
   */
  readonly idleTimeout?: Duration;

  /**
   * Whether port 80 answers with a redirect to HTTPS. The article hands it to the
   * members' port 443, which does not understand it.
   *
   * @default true
   */
  readonly redirectToHttps?: boolean;

  /**
   * How a member is judged.
   *
   * @default HealthCheck.httpGet("/owa/healthcheck.htm")
   */
  readonly healthCheck?: HealthCheck;

  /**
   * The CAs that vouch for the members' certificate, to be added to the balancers'
   * trust: name -> PEM text, known at synthesis. With it (`{}` for a CA that the
   * system trusts already) a health check demands a certificate of theirs that
   * carries the member's name.
   *
   * @default - a check takes any certificate, as clients judge it themselves
   */
  readonly rootCas?: { [name: string]: string };
}

/** What a deploy does when a member presents another certificate than the balancer would. */
export enum CertificateMismatch {
  /** It stops on that balancer before anything is changed there. */
  STOP = "stop",
  /** It says so and goes on: for Exchange servers whose Extended Protection is off for good. */
  WARN = "warn",
}

/** A certificate for some of the client names. */
export interface SniCert {
  /** The certificate, the same that the members present to whoever asks for one of the names. */
  readonly cert: SslBridgeCert;

  /**
   * The client names that get it, each one of the DAG's `clientNames`, and not the first of them. May be tokens.
   */
  readonly names: string[];
}

/** Options of the modes in which TLS ends at the balancer. */
export interface TlsFrontOptions {
  /**
   * Which TLS versions and ciphers clients are offered.
   *
   * @default TlsPolicy.SYSTEM
   */
  readonly tlsPolicy?: TlsPolicy;

  /**
   * Whether clients are offered HTTP/2. NTLM and Kerberos log a connection in, and
   * HTTP/2 shares one among requests: 20 of 60 parallel NTLM logins failed over it
   * (measured). Only for sites whose clients use forms, Basic or OAuth alone. With a warning.
   *
   * @default false
   */
  readonly http2?: boolean;

  /**
   * Which paths are refused because they can be read in two ways.
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
   * Headers that are set in every response that has none of the name: name -> value. Exchange's own stay, as some
   * of them are mitigations (Content-Security-Policy that of CVE-2026-42897).
   *
   * @default - the article's: X-Frame-Options SAMEORIGIN, X-Content-Type-Options
   * nosniff, Strict-Transport-Security max-age=63072000
   */
  readonly responseHeaders?: { [name: string]: string };

  /**
   * Headers that take the place of Exchange's own in every response: name -> value. With a warning for
   * Content-Security-Policy.
   *
   * @default - none
   */
  readonly replaceResponseHeaders?: { [name: string]: string };

  /**
   * How long to wait for a client that has stopped reading its response (`timeout client` of the HTTPS
   * front), before HAProxy 2.9 also for its TLS handshake, and from HAProxy 3.0 on how long its request's body may pause: up to 2.6
   * the directory's `serverTimeout` says that. Between two requests
   * `HaproxyTimeouts.httpKeepAlive` runs, for a request's headers
   * `HaproxyTimeouts.httpRequest`, and while a member works on an answer none.
   *
   * @default - `HaproxyTimeouts.client`. One that is shorter than `HaproxyTimeouts.httpKeepAlive` ends idle connections earlier
   */
  readonly clientTimeout?: Duration;

  /**
   * Published attacks on Exchange that are refused by what their requests look like: `KnownAttacks.catalogue()`.
   *
   * @default - none; a border refuses the catalogue's
   */
  readonly knownAttacks?: KnownAttacks;

  /**
   * What is done about people who guess passwords: `PasswordGuessing.stop()`.
   *
   * @default - nothing
   */
  readonly passwordGuessing?: PasswordGuessing;
}

/** Options for `BalancingMode.sslBridge()`. */
export interface SslBridgeOptions extends TlsFrontOptions {
  /** The certificate, the same that the members present. */
  readonly cert: SslBridgeCert;

  /**
   * Further certificates, chosen by the name that a client asks for (SNI). The
   * balancer asks the members by the same name, so each of them needs a binding of
   * that name with the same certificate. `cert` is for all other names, and for
   * clients that ask for none.
   *
   * @default - one certificate for all client names
   */
  readonly sniCerts?: SniCert[];

  /**
   * What a deploy does when a member that takes sessions presents another
   * certificate than the balancer would, or one that the balancer cannot verify.
   * Compared are SHA-256 fingerprints, on each balancer, before anything is
   * changed there. A member that is drained may have any certificate.
   *
   * @default CertificateMismatch.STOP
   */
  readonly onCertificateMismatch?: CertificateMismatch;
}

/** Options for `BalancingMode.sslOffload()`. */
export interface SslOffloadOptions extends TlsFrontOptions {
  /** The certificate that clients see. */
  readonly cert: SslBridgeCert;
}

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

/** What a mode needs to know of its balancer to become HAProxy's. @internal */
export interface HttpsContext {
  /** The CAs that the host trusts, as one file. */
  readonly caBundle: string;
  readonly systemCryptoPolicy: boolean;
  /** `timeout client` of the balancer, as HAProxy writes it, where the user said it. */
  readonly clientTimeout?: string;
  /** Just longer than a client may pause between two requests. */
  readonly clientIdleTimeout: string;
  /** The first of the client names. */
  readonly verifyHost: string;
  /** What the frontend presents: `crt FILE` or `crt-list FILE`. */
  readonly certificate: string;
  readonly virtualDirectories: readonly VirtualDirectoryModel[];
}

/**
 * How HTTPS is balanced: unread, opened and closed again with the one
 * certificate, or opened for good. Mail protocols are never read.
 */
export class BalancingMode {
  /**
   * Connections are balanced unread: simple, but a member is healthy or ill as a whole
   * and no path can be closed.
   *
   * @throws if a CA's name or text is not one
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
   * SSL bridging: TLS ends at the balancer and begins anew towards the member.
   * Each virtual directory has its own health, and paths can be closed.
   *
   * @throws if a response header's name or value is not one, or onCertificateMismatch no choice
   */
  public static sslBridge(options: SslBridgeOptions): BalancingMode {
    return BalancingMode.tlsFront("sslBridge", options, SSL_BRIDGE);
  }

  /**
   * SSL offloading: TLS ends at the balancer, and the members are asked by plain HTTP
   * on port 80, for which their virtual directories must have "Require SSL" off.
   * Extended Protection, on by default since Exchange 2019 CU14, rules it out: use
   * it for no new site. With a warning.
   *
   * @throws if a response header's name or value is not one
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
        if (Token.isUnresolved(value) || !HEADER_VALUE.test(value)) {
          throw invalid(where, `${prop}["${name}"]`, `${HEADER_VALUE.expected}, known at synthesis`, value);
        }
      }
    }
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

  /** How HAProxy balances HTTPS. @internal */
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
