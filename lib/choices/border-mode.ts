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
   * Whether port 80 answers with a redirect to HTTPS, for the published names.
   *
   * @default true
   */
  readonly redirectToHttps?: boolean;

  /**
   * The CAs that issued the certificate inside: name -> PEM text, known at synthesis. They are added to the border proxy's trust.
   * With this prop, a health check succeeds only if the certificate inside comes from a trusted CA and carries the first client
   * name. Set it to `{}` if the system already trusts the CA.
   *
   * @default - a health check accepts any certificate, because clients verify it themselves
   */
  readonly rootCas?: { [name: string]: string };
}

const TCP: Shape<BorderTcpOptions> = { idleTimeout: DURATION, redirectToHttps: FLAG, rootCas: TEXTS_BY_NAME };

/**
 * How a border proxy handles HTTPS: decrypted and encrypted again with the one certificate, or passed on unread by name.
 *
 * @example
 * const bridge = BorderMode.sslBridge({ cert: SslBridgeCert.fromPemFile(this, "Cert", { path: "exch.pem" }) });
 * const tcp = BorderMode.tcp();
 */
export class BorderMode {
  /**
   * SSL bridging: TLS ends at the border proxy, which opens a TLS connection of its own to the inside. The same certificate is
   * used everywhere. The border proxy reads requests, so unpublished paths stay inside. The options are those of the balancers'
   * SSL bridging, except that `knownAttacks` is `KnownAttacks.catalogue()` by default.
   *
   * @throws as `BalancingMode.sslBridge()` does
   */
  public static sslBridge(options: SslBridgeOptions): BorderMode {
    const asGiven = BalancingMode.sslBridge(options);
    return new BorderMode(options.knownAttacks === undefined ? BalancingMode.sslBridge({ ...options, knownAttacks: KnownAttacks.catalogue() }) : asGiven);
  }

  /**
   * TCP mode: HAProxy passes TLS connections on without decrypting them if the handshake asks for a published name (SNI), and
   * closes others. It reads no request, so `Publication.allDirectories()` is the only publication for HTTPS, and the inner
   * balancers decide which paths are closed. The border proxy needs no certificate.
   *
   * @throws if the name or text of a CA is invalid
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
