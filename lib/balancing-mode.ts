import { Token } from "cdktf";
import { Balance } from "./balance";
import { HEADER_NAME, HEADER_VALUE, invalid, oneOf } from "./checks";
import { Duration } from "./duration";
import { SslBridgeCert } from "./ssl-bridge-cert";

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
}

/** Options for `BalancingMode.sslBridge()`. */
export interface SslBridgeOptions {
  /** The certificate, the same that the members present. */
  readonly cert: SslBridgeCert;

  /**
   * Whether port 80 answers with a redirect to HTTPS.
   *
   * @default true
   */
  readonly redirectToHttps?: boolean;

  /**
   * Headers that are set in every response: name -> value.
   *
   * @default - the article's: X-Frame-Options SAMEORIGIN, X-Content-Type-Options
   * nosniff, Strict-Transport-Security max-age=63072000
   */
  readonly responseHeaders?: { [name: string]: string };

  /**
   * How long a client may be silent within a request (`timeout client` of the
   * HTTPS front). Between two requests `HaproxyTimeouts.httpKeepAlive` runs, for
   * a request's headers `HaproxyTimeouts.httpRequest`, and while a member works on
   * an answer none.
   *
   * @default - `HaproxyTimeouts.client`; the article's 30 s would cut Outlook
   * Anywhere, whose request bodies never end, and uploads that pause
   */
  readonly clientTimeout?: Duration;
}

/**
 * How HTTPS is balanced: unread, or opened and closed again with the one
 * certificate. Mail protocols pass through unread in both.
 */
export class BalancingMode {
  /**
   * Connections pass through unread: simple, but a member is checked by its port
   * alone and no path can be closed.
   */
  public static tcp(options: TcpModeOptions = {}): BalancingMode {
    oneOf("BalancingMode.tcp", "balance", options.balance, Balance);
    return new BalancingMode("tcp", options, undefined);
  }

  /**
   * SSL bridging: TLS ends at the balancer and begins anew towards the member.
   * Each virtual directory has its own health, and paths can be closed.
   *
   * @throws if a response header's name or value is not one
   */
  public static sslBridge(options: SslBridgeOptions): BalancingMode {
    for (const [name, value] of Object.entries(options.responseHeaders ?? {})) {
      const where = "BalancingMode.sslBridge";
      if (!HEADER_NAME.test(name)) throw invalid(where, "responseHeaders' name", HEADER_NAME.expected, name);
      if (Token.isUnresolved(value) || !HEADER_VALUE.test(value)) {
        throw invalid(where, `responseHeaders["${name}"]`, `${HEADER_VALUE.expected}, known at synthesis`, value);
      }
    }
    return new BalancingMode("sslBridge", undefined, options);
  }

  private constructor(
    /** `tcp` or `sslBridge`. */
    public readonly name: string,
    /** @internal */
    public readonly _tcp: TcpModeOptions | undefined,
    /** @internal */
    public readonly _sslBridge: SslBridgeOptions | undefined,
  ) {}
}
