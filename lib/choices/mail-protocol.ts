import { AllowModel, MailGreeting, MailModel } from "../haproxy/model";
import { invalid } from "../validation/errors";
import { BY_RULE, Shape, checkStruct, choice } from "../validation/shape";
import { BALANCE_MODEL, Balance } from "./balance";
import { DURATION, Duration } from "./duration";
import { TIMEOUTS } from "./timeouts";

/** Options for the factories of `MailProtocol`. */
export interface MailProtocolOptions {
  /**
   * The TCP port on the balancers.
   *
   * @default - the protocol's own
   */
  readonly port?: number;

  /**
   * The TCP port on the members.
   *
   * @default - the protocol's own
   */
  readonly memberPort?: number;

  /**
   * How sessions are spread over the members.
   *
   * @default - as the article: `ROUNDROBIN` for SMTP; for IMAP and POP3
   * `LEASTCONN` beside SSL bridging and `ROUNDROBIN` in TCP mode
   */
  readonly balance?: Balance;

  /**
   * How long a session may be silent before HAProxy ends it
   * (`timeout client` and `timeout server`).
   *
   * @default - 15 minutes for SMTP, longer than the 10 that RFC 5321 grants the
   * end of DATA; 35 for IMAP and POP3, longer than the 30 after which Exchange ends
   * an idle session by default (and RFC 9051 lets an IMAP server do so). The article's 1 minute in TCP mode cut
   * idle IMAP sessions (measured).
   */
  readonly idleTimeout?: Duration;
}

const OPTIONS: Shape<MailProtocolOptions> = {
  port: BY_RULE,
  memberPort: BY_RULE,
  balance: choice(Balance),
  idleTimeout: DURATION,
};

/**
 * A mail protocol, balanced unread. TLS, by its own port
 * or by STARTTLS, is between the client and the member.
 *
 * A member is healthy that greets as the protocol has it (SMTP `220`, IMAP `* OK`,
 * POP3 `+OK`) and answers a goodbye; on 993 and 995 after a TLS handshake, whose
 * certificate the check leaves to the clients to judge.
 */
export class MailProtocol {
  /** SMTP on port 25, the one that `AllowLists.smtp` guards. */
  public static smtp(options: MailProtocolOptions = {}): MailProtocol {
    return new MailProtocol("smtp", 25, options);
  }

  /** Message submission with authentication on port 587. */
  public static submission(options: MailProtocolOptions = {}): MailProtocol {
    return new MailProtocol("submission", 587, options);
  }

  /** IMAP on port 143. */
  public static imap(options: MailProtocolOptions = {}): MailProtocol {
    return new MailProtocol("imap", 143, options);
  }

  /** IMAP in TLS on port 993. */
  public static imaps(options: MailProtocolOptions = {}): MailProtocol {
    return new MailProtocol("imaps", 993, options);
  }

  /** POP3 on port 110. */
  public static pop3(options: MailProtocolOptions = {}): MailProtocol {
    return new MailProtocol("pop3", 110, options);
  }

  /** POP3 in TLS on port 995. */
  public static pop3s(options: MailProtocolOptions = {}): MailProtocol {
    return new MailProtocol("pop3s", 995, options);
  }

  /** The TCP port on the balancers. */
  public readonly port: number;
  /** The TCP port on the members. */
  public readonly memberPort: number;
  private readonly balance: Balance | undefined;
  private readonly idleTimeout: Duration;

  private constructor(
    /** The protocol's name, such as `smtp`: the end of its sections' names in haproxy.cfg. */
    public readonly name: string,
    defaultPort: number,
    options: MailProtocolOptions,
  ) {
    checkStruct(`MailProtocol.${name}`, "options", options, OPTIONS);
    this.port = port(name, "port", options.port, defaultPort);
    this.memberPort = port(name, "memberPort", options.memberPort, defaultPort);
    this.balance = options.balance;
    this.idleTimeout = options.idleTimeout ?? (this.greeting === "smtp" ? TIMEOUTS.smtp : TIMEOUTS.imap);
  }

  /** The protocol as HAProxy serves it, beside HTTPS in TCP mode or not, guarded by `allow` where there is a list for it. @internal */
  public _toModel(httpsMode: "tcp" | "bridge", allow: AllowModel | undefined): MailModel {
    const usual = httpsMode === "tcp" || this.greeting === "smtp" ? Balance.ROUNDROBIN : Balance.LEASTCONN;
    return {
      name: this.name,
      port: this.port,
      memberPort: this.memberPort,
      balance: BALANCE_MODEL[this.balance ?? usual],
      idleTimeout: this.idleTimeout._toHaproxy(),
      greeting: this.greeting,
      tls: this.name === "imaps" || this.name === "pop3s",
      allow,
    };
  }

  private get greeting(): MailGreeting {
    if (this.name === "smtp" || this.name === "submission") return "smtp";
    return this.name.startsWith("imap") ? "imap" : "pop3";
  }
}

function port(protocol: string, prop: string, given: number | undefined, usual: number): number {
  const value = given === undefined ? usual : given;
  if (!Number.isInteger(value) || value < 1 || value > 65535) {
    throw invalid(`MailProtocol.${protocol}`, prop, "an integer from 1 to 65535, known at synthesis", value);
  }
  return value;
}
