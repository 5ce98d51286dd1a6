import { Shape, checkStruct, FLAG, TEXTS_BY_NAME } from "../validation/shape";
import { BalancingMode, SslBridgeOptions } from "./balancing-mode";
import { DURATION, Duration } from "./duration";
import { HealthCheck } from "./health-check";
import { KnownAttacks } from "./known-attacks";

/** Options for `BorderMode.tcp()`. */
export interface BorderTcpOptions {
  /**
   * How long an HTTPS connection may be idle.
   *
   * @default Duration.minutes(60) - ActiveSync heartbeats last up to 59 minutes
   */
  readonly idleTimeout?: Duration;

  /**
   * Whether port 80 redirects requests for `clientNames` to HTTPS.
   *
   * @default true
   */
  readonly redirectToHttps?: boolean;

  /**
   * The CAs that issued the certificate of the servers behind the border proxy: name -> PEM text, known at synthesis.
   * The border proxy then trusts these CAs, and a health check also verifies this certificate: a trusted CA must have
   * issued the certificate, and the certificate must carry the first client name. If the border proxy already trusts
   * the CA, set this prop to `{}`.
   *
   * @default - a health check accepts any certificate, because the clients verify the certificate themselves
   */
  readonly rootCas?: { [name: string]: string };
}

const TCP: Shape<BorderTcpOptions> = { idleTimeout: DURATION, redirectToHttps: FLAG, rootCas: TEXTS_BY_NAME };

/**
 * How a border proxy handles HTTPS: it decrypts requests and encrypts them again (SSL bridging), or passes connections
 * on without decrypting them (TCP mode).
 *
 * @example
 * const bridge = BorderMode.sslBridge({ cert: SslBridgeCert.fromPemFile(this, "Cert", { path: "exch.pem" }) });
 * const tcp = BorderMode.tcp();
 */
export class BorderMode {
  /**
   * SSL bridging: TLS ends at the border proxy. The border proxy opens another TLS connection to the servers behind it.
   * These servers must have the same certificate as the border proxy. The border proxy reads requests, so it can refuse
   * paths that are not published. The options are the same as for `BalancingMode.sslBridge()`, but the default of
   * `knownAttacks` is `KnownAttacks.catalogue()`.
   *
   * @throws if the name or value of a response header is invalid
   */
  public static sslBridge(options: SslBridgeOptions): BorderMode {
    const asGiven = BalancingMode.sslBridge(options);
    return new BorderMode(options.knownAttacks === undefined ? BalancingMode.sslBridge({ ...options, knownAttacks: KnownAttacks.catalogue() }) : asGiven);
  }

  /**
   * TCP mode: the border proxy does not decrypt TLS, so it needs no certificate. If the client asks for one of
   * `clientNames` (SNI), the border proxy passes the connection on. The border proxy closes all other connections. The
   * border proxy cannot see paths, so only the balancers behind it can refuse a path. For HTTPS, publish
   * `Publication.allDirectories()`; other publications for HTTPS are refused.
   *
   * @throws if the name of a CA is invalid, or if the text of a CA is not a PEM certificate
   */
  public static tcp(options: BorderTcpOptions = {}): BorderMode {
    checkStruct("BorderMode.tcp", "options", options, TCP);
    return new BorderMode(BalancingMode.tcp({ ...options, healthCheck: HealthCheck.tcpConnect() }));
  }

  private constructor(
    /** @internal */
    public readonly _balancing: BalancingMode,
  ) {}
}
