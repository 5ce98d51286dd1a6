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

/** Options for `BalancingMode.sslBridge()`. */
export interface SslBridgeOptions {
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
   * @throws if a response header's name or value is not one, or onCertificateMismatch no choice
   */
  public static sslBridge(options: SslBridgeOptions): BalancingMode {
    oneOf("BalancingMode.sslBridge", "onCertificateMismatch", options.onCertificateMismatch, CertificateMismatch);
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
