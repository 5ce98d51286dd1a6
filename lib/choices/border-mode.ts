import { Shape, checkStruct, FLAG, TEXTS_BY_NAME } from "../validation/shape";
import { BalancingMode, SslBridgeOptions } from "./balancing-mode";
import { DURATION, Duration } from "./duration";
import { HealthCheck } from "./health-check";
import { KnownAttacks } from "./known-attacks";

/** Options for `BorderMode.tcp()`. */
export interface BorderTcpOptions {
  /**
   * How long an HTTPS connection may be silent.
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
   * The CAs that vouch for the certificate inside, to be added to the border proxy's trust: name -> PEM text, known at
   * synthesis. With it (`{}` for a CA that the system trusts already) a health check demands a certificate of theirs
   * that carries the first client name.
   *
   * @default - a check takes any certificate, as clients judge it themselves
   */
  readonly rootCas?: { [name: string]: string };
}

const TCP: Shape<BorderTcpOptions> = { idleTimeout: DURATION, redirectToHttps: FLAG, rootCas: TEXTS_BY_NAME };

/**
 * How a border proxy handles HTTPS: opened and closed again with the one certificate, or passed through by name.
 *
 * @example
 * const bridge = BorderMode.sslBridge({ cert: SslBridgeCert.fromPemFile(this, "Cert", { path: "exch.pem" }) });
 * const tcp = BorderMode.tcp();
 */
export class BorderMode {
  /**
   * SSL bridging: TLS ends at the border proxy and begins again towards the inside, with the one certificate in all
   * places. Requests are read, so paths stay inside that are not published. The options are those of the balancers'
   * SSL bridging, but that `knownAttacks` is `KnownAttacks.catalogue()` unless it says something else.
   *
   * @throws as `BalancingMode.sslBridge()` does
   */
  public static sslBridge(options: SslBridgeOptions): BorderMode {
    const asGiven = BalancingMode.sslBridge(options);
    return new BorderMode(options.knownAttacks === undefined ? BalancingMode.sslBridge({ ...options, knownAttacks: KnownAttacks.catalogue() }) : asGiven);
  }

  /**
   * TCP mode: connections are passed through by the name that the TLS handshake asks for (SNI); those for names that are
   * not published are closed. No request is read, so `Publication.allDirectories()` is all that can be published of
   * HTTPS, and what of it is closed is up to the inner balancers. The border proxy needs no certificate.
   *
   * @throws if a CA's name or text is not one
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
