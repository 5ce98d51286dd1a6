import { AllowModel, MailGreeting, MailModel } from "../haproxy/model";
import { Token } from "cdktf";
import { invalid } from "../validation/errors";
import { SERVICE_ROLE } from "../validation/rules";
import { BY_RULE, Shape, checkStruct, choice } from "../validation/shape";
import { BALANCE_MODEL, Balance } from "./balance";
import { DURATION, Duration } from "./duration";
import { TIMEOUTS } from "./timeouts";

/** Options for the factories of `MailProtocol`. */
export interface MailProtocolOptions {
  /**
   * The TCP port on the balancers.
   *
   * @default - the protocol's usual port
   */
  readonly port?: number;

  /**
   * The TCP port on the members.
   *
   * @default - the protocol's usual port
   */
  readonly memberPort?: number;

  /**
   * How sessions are distributed over the members.
   *
   * @default - SMTP: `ROUNDROBIN`. IMAP and POP3: `LEASTCONN` if HTTPS uses SSL bridging or offloading, `ROUNDROBIN` if
   * HTTPS is in TCP mode
   */
  readonly balance?: Balance;

  /**
   * How long a session may be idle before HAProxy ends it
   * (`timeout client` and `timeout server`).
   *
   * @default - SMTP: 15 minutes, longer than the 10 minutes that RFC 5321 allows for the end of DATA. IMAP and POP3: 35
   * minutes, longer than the 30 minutes after which Exchange ends an idle session by default (RFC 9051 allows this).
   * With 1 minute, idle IMAP sessions were cut (measured)
   */
  readonly idleTimeout?: Duration;

  /**
   * How many sessions a balancer accepts at the same time (`maxconn` of the frontend), 1 to 1000000. Further sessions
   * wait to be accepted.
   *
   * @default - half of the node's `maxconn`, divided equally among the mail services. With two services and the
   * default `maxconn`, each service gets 1000
   */
  readonly maxconn?: number;

  /**
   * How many sessions a balancer opens at the same time to one member (`maxconn` of the server), 1 to 1000000. Further
   * sessions wait for up to 4 minutes.
   *
   * Without `transparentProxy`, all clients of a balancer have the same source address for Exchange. A receive
   * connector accepts 20 sessions from one source by default (`MaxInboundConnectionPerSource`), and at most 2 % of
   * `MaxInboundConnection` (`MaxInboundConnectionPercentagePerSource`); further sessions get `421 4.3.2`. If the
   * default of 19 sessions is too low, raise this prop and both limits of Exchange:
   * `Set-ReceiveConnector … -MaxInboundConnectionPerSource 1000 -MaxInboundConnectionPercentagePerSource 100`.
   *
   * @default - 19 for SMTP and submission, which leaves one session for the health check; no limit for IMAP and POP3,
   * as in Exchange
   */
  readonly memberMaxconn?: number;

  /**
   * The clients that may connect: IP addresses and CIDR networks. HAProxy refuses other clients before it opens a
   * connection to Exchange. An entry may be a token, and the whole list may be a token. This list replaces
   * `AllowLists.smtp`; `0.0.0.0/0` and `::/0` mean everyone.
   *
   * @default - SMTP (`smtp()`, and any service with port 25 on the balancers or the members) uses `AllowLists.smtp`.
   * Without that list, everyone may connect, and synthesis warns. Other protocols: everyone may connect
   */
  readonly allow?: string[];

  /**
   * The only address on which the balancers serve this service, such as a second virtual address of the pair. Other
   * services may then use the same port on other addresses. May be a token.
   *
   * @default - all addresses of the balancers
   */
  readonly address?: string;

  /**
   * The purpose of the service, such as `relay`. The service's sections in haproxy.cfg, its metrics and its allow list
   * are then named `smtp_relay`. Set a role if two services of one protocol have the same port on two addresses.
   *
   * @default - no role: the name is the protocol (`smtp`), or the protocol and the port if the port is not the usual
   * one (`smtp_2525`)
   */
  readonly role?: string;
}

const OPTIONS: Shape<MailProtocolOptions> = {
  port: BY_RULE,
  memberPort: BY_RULE,
  balance: choice(Balance),
  idleTimeout: DURATION,
  maxconn: BY_RULE,
  memberMaxconn: BY_RULE,
  allow: BY_RULE,
  address: BY_RULE,
  role: BY_RULE,
};

/**
 * A mail service. HAProxy balances it as TCP. TLS (on a separate port, or by STARTTLS) is between the client and the
 * member. A protocol may have several services. Each service has its own port or address on the balancers, and may use
 * another port (receive connector) on the members.
 *
 * A member is healthy if it sends the protocol's greeting (SMTP `220`, IMAP `* OK`, POP3 `+OK`). On ports 993 and 995,
 * the check first makes a TLS handshake. The check does not verify the member's certificate, because clients verify the
 * certificate.
 *
 * @example
 * const mailProtocols = [MailProtocol.smtp(), MailProtocol.submission(), MailProtocol.imaps({ idleTimeout: Duration.minutes(40) })];
 */
export class MailProtocol {
  /** SMTP on port 25. `AllowLists.smtp` limits who may connect. */
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

  /**
   * The service's name, such as `smtp` or `smtp_relay`. The names of the service's sections in haproxy.cfg end with
   * this name.
   */
  public readonly name: string;
  /** The TCP port on the balancers. */
  public readonly port: number;
  /** The TCP port on the members. */
  public readonly memberPort: number;
  /** The service's address on the balancers, as the user gave it. Undefined means all addresses. @internal */
  public readonly _address: string | undefined;
  /** The service's own allow list, as the user gave it. If undefined, `AllowLists` applies. @internal */
  public readonly _allow: string[] | undefined;
  private readonly balance: Balance | undefined;
  private readonly idleTimeout: Duration;
  private readonly maxconn: number | undefined;
  private readonly memberMaxconn: number | undefined;

  private constructor(
    /** The protocol, such as `smtp`. */
    public readonly protocol: string,
    defaultPort: number,
    options: MailProtocolOptions,
  ) {
    checkStruct(`MailProtocol.${protocol}`, "options", options, OPTIONS);
    this.port = port(protocol, "port", options.port, defaultPort);
    this.memberPort = port(protocol, "memberPort", options.memberPort, defaultPort);
    this.name = [protocol, ...part(protocol, options.role, this.port === defaultPort ? undefined : this.port)].join("_");
    this._address = options.address;
    this._allow = options.allow;
    this.balance = options.balance;
    this.idleTimeout = options.idleTimeout ?? (this.greeting === "smtp" ? TIMEOUTS.smtp : TIMEOUTS.imap);
    this.maxconn = sessions(protocol, "maxconn", options.maxconn);
    this.memberMaxconn = sessions(protocol, "memberMaxconn", options.memberMaxconn ?? (this.greeting === "smtp" ? EXCHANGE_SESSIONS_PER_SOURCE - 1 : undefined));
  }

  /**
   * Makes HAProxy's model of the service. `httpsMode` is the mode of HTTPS. `allow` is the service's allow list, if
   * there is one. @internal
   */
  public _toModel(httpsMode: "tcp" | "bridge", allow: AllowModel | undefined): MailModel {
    const usual = httpsMode === "tcp" || this.greeting === "smtp" ? Balance.ROUNDROBIN : Balance.LEASTCONN;
    return {
      name: this.name,
      port: this.port,
      address: this._address,
      memberPort: this.memberPort,
      balance: BALANCE_MODEL[this.balance ?? usual],
      idleTimeout: this.idleTimeout._toHaproxy(),
      greeting: this.greeting,
      tls: this.protocol === "imaps" || this.protocol === "pop3s",
      maxconn: this.maxconn,
      memberMaxconn: this.memberMaxconn,
      allow,
    };
  }

  /** Whether clients can send mail through this service without a login. If so, `AllowLists.smtp` applies. @internal */
  public get _open(): boolean {
    return this.protocol === "smtp" || this.port === 25 || this.memberPort === 25;
  }

  private get greeting(): MailGreeting {
    if (this.protocol === "smtp" || this.protocol === "submission") return "smtp";
    return this.protocol.startsWith("imap") ? "imap" : "pop3";
  }
}

/**
 * Returns the part of a service's name that follows the protocol: `role` if it is given, otherwise `port` if it is
 * given.
 */
function part(protocol: string, role: string | undefined, port: number | undefined): readonly string[] {
  if (role === undefined) return port === undefined ? [] : [String(port)];
  if (typeof role !== "string" || Token.isUnresolved(role) || !SERVICE_ROLE.test(role)) {
    throw invalid(`MailProtocol.${protocol}`, "role", `${SERVICE_ROLE.expected}, known at synthesis`, role);
  }
  return [role];
}

function port(protocol: string, prop: string, given: number | undefined, usual: number): number {
  const value = given === undefined ? usual : given;
  if (!Number.isInteger(value) || value < 1 || value > 65535) {
    throw invalid(`MailProtocol.${protocol}`, prop, "an integer from 1 to 65535, known at synthesis", value);
  }
  return value;
}

/** The default of `MaxInboundConnectionPerSource` in Exchange's receive connectors. */
const EXCHANGE_SESSIONS_PER_SOURCE = 20;

function sessions(protocol: string, prop: string, value: number | undefined): number | undefined {
  if (value !== undefined && (!Number.isInteger(value) || value < 1 || value > 1_000_000)) {
    throw invalid(`MailProtocol.${protocol}`, prop, "an integer from 1 to 1000000, known at synthesis", value);
  }
  return value;
}
