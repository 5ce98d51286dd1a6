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
   * Whether port 80 redirects requests for the published names to HTTPS.
   *
   * @default true
   */
  readonly redirectToHttps?: boolean;

  /**
   * The CAs that issued the certificate of the servers inside: name -> PEM text, known at synthesis. The border proxy
   * then trusts these CAs. With this prop, a health check succeeds only if the certificate inside comes from a trusted
   * CA and carries the first client name. Set the prop to `{}` if the system already trusts the CA.
   *
   * @default - a health check accepts any certificate, because the clients verify the certificate themselves
   */
  readonly rootCas?: { [name: string]: string };
}

const TCP: Shape<BorderTcpOptions> = { idleTimeout: DURATION, redirectToHttps: FLAG, rootCas: TEXTS_BY_NAME };

/**
 * How a border proxy handles HTTPS: it decrypts and encrypts again (SSL bridging), or passes connections on without
 * decrypting them (TCP mode).
 *
 * @example
 * const bridge = BorderMode.sslBridge({ cert: SslBridgeCert.fromPemFile(this, "Cert", { path: "exch.pem" }) });
 * const tcp = BorderMode.tcp();
 */
export class BorderMode {
  /**
   * SSL bridging: TLS ends at the border proxy. The border proxy opens another TLS connection to the servers inside.
   * The border proxy and the servers inside use the same certificate. The border proxy reads requests, so it can refuse
   * paths that are not published. The options are the same as for `BalancingMode.sslBridge()`, except that
   * `knownAttacks` is `KnownAttacks.catalogue()` by default.
   *
   * @throws if the name or value of a response header is invalid
   */
  public static sslBridge(options: SslBridgeOptions): BorderMode {
    const asGiven = BalancingMode.sslBridge(options);
    return new BorderMode(options.knownAttacks === undefined ? BalancingMode.sslBridge({ ...options, knownAttacks: KnownAttacks.catalogue() }) : asGiven);
  }

  /**
   * TCP mode: the border proxy does not decrypt TLS. If the client asks for a published name (SNI), the border proxy
   * passes the connection on. It closes other connections. The border proxy reads no request. So
   * `Publication.allDirectories()` is the only publication for HTTPS, and only the inner balancers can refuse a path.
   * The border proxy needs no certificate.
   *
   * @throws if the name of a CA is invalid, or its text is not a PEM certificate
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
