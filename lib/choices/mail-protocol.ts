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
   * How sessions are distributed over the members.
   *
   * @default - `ROUNDROBIN` for SMTP; for IMAP and POP3 `LEASTCONN` with SSL bridging
   * and offloading, `ROUNDROBIN` in TCP mode
   */
  readonly balance?: Balance;

  /**
   * How long a session may be idle before HAProxy ends it
   * (`timeout client` and `timeout server`).
   *
   * @default - 15 minutes for SMTP, longer than the 10 that RFC 5321 grants the
   * end of DATA; 35 for IMAP and POP3, longer than the 30 after which Exchange ends
   * an idle session by default (and RFC 9051 lets an IMAP server do so). A value of 1 minute cut
   * idle IMAP sessions (measured).
   */
  readonly idleTimeout?: Duration;

  /**
   * How many sessions a balancer takes at once (`maxconn` of the frontend); further ones wait
   * to be accepted. From 1 to 1000000.
   *
   * @default - an equal share of half of the node's `maxconn`: 1000 for each of two protocols
   */
  readonly maxconn?: number;

  /**
   * How many sessions a balancer opens at once to one member (`maxconn` of the server); further ones
   * wait for up to 4 minutes. From 1 to 1000000.
   *
   * To Exchange all clients of a balancer are one source, and a receive connector takes 20 sessions
   * a source by default (`MaxInboundConnectionPerSource`), then answers `421 4.3.2`. Raise
   * both where 19 sessions a member are too few: `Set-ReceiveConnector … -MaxInboundConnectionPerSource 1000`.
   *
   * @default - 19 for SMTP and submission, which leaves one to the health check; for IMAP and POP3 any number, as in Exchange
   */
  readonly memberMaxconn?: number;
}

const OPTIONS: Shape<MailProtocolOptions> = {
  port: BY_RULE,
  memberPort: BY_RULE,
  balance: choice(Balance),
  idleTimeout: DURATION,
  maxconn: BY_RULE,
  memberMaxconn: BY_RULE,
};

/**
 * A mail protocol. HAProxy balances it as TCP; TLS, on a port of its own or by STARTTLS, is
 * between the client and the member.
 *
 * A member is healthy if it greets as the protocol says (SMTP `220`, IMAP `* OK`, POP3 `+OK`).
 * On 993 and 995 the check makes a TLS handshake first and does not verify the certificate; clients do.
 *
 * @example
 * const mailProtocols = [MailProtocol.smtp(), MailProtocol.submission(), MailProtocol.imaps({ idleTimeout: Duration.minutes(40) })];
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
  private readonly maxconn: number | undefined;
  private readonly memberMaxconn: number | undefined;

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
    this.maxconn = sessions(name, "maxconn", options.maxconn);
    this.memberMaxconn = sessions(name, "memberMaxconn", options.memberMaxconn ?? (this.greeting === "smtp" ? EXCHANGE_SESSIONS_PER_SOURCE - 1 : undefined));
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
      maxconn: this.maxconn,
      memberMaxconn: this.memberMaxconn,
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

/** `MaxInboundConnectionPerSource` of Exchange's receive connectors, by default. */
const EXCHANGE_SESSIONS_PER_SOURCE = 20;

function sessions(protocol: string, prop: string, value: number | undefined): number | undefined {
  if (value !== undefined && (!Number.isInteger(value) || value < 1 || value > 1_000_000)) {
    throw invalid(`MailProtocol.${protocol}`, prop, "an integer from 1 to 1000000, known at synthesis", value);
  }
  return value;
}
