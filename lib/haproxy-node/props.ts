import { ALLOW_LISTS, AllowLists } from "../choices/allow-lists";
import { BalancingMode } from "../choices/balancing-mode";
import { BorderAccess } from "../choices/border-access";
import { CLIENT_LIMITS, ClientLimits } from "../choices/client-limits";
import { DURATION, Duration } from "../choices/duration";
import { HAPROXY_LINES, HaproxyLines } from "../choices/haproxy-lines";
import { HaproxyLogs } from "../choices/haproxy-logs";
import { HAPROXY_TIMEOUTS, HaproxyTimeouts } from "../choices/haproxy-timeouts";
import { Monitoring } from "../choices/monitoring";
import { OTHER_HOST_SHAPE, OtherHost } from "../choices/other-host";
import { ExchangeDag } from "../exchange-dag";
import { BalancerHost, MANAGED_HOST, MANAGED_HOST_COMMON, ManagedHostCommonProps } from "../managed-host";
import { BY_RULE, FLAG, Shape, instanceOf, listOf, required, struct } from "../validation/shape";

/** The props of every host with this library's haproxy: balancers and border proxies. */
export interface HaproxyCommonProps extends ManagedHostCommonProps {
  /**
   * HAProxy's timeouts.
   *
   * @default - the defaults of `HaproxyTimeouts`
   */
  readonly timeouts?: HaproxyTimeouts;

  /**
   * The limits for each client address.
   *
   * @default - one address may have half of the connections that a frontend accepts
   */
  readonly limits?: ClientLimits;

  /**
   * Metrics and HAProxy's status page on the node's own address, such as `Monitoring.prometheus({ allow: ["10.8.5.9"]
   * })`. docs/monitoring.md describes the metrics, the alerts and the dashboard.
   *
   * @default - none
   */
  readonly monitoring?: Monitoring;

  /**
   * Where HAProxy's log lines go: to files through rsyslog, to the journal, to a syslog server such as
   * `HaproxyLogs.remote({ address: "10.8.5.20" })`, or nowhere. docs/log.md explains the fields of a line.
   *
   * @default HaproxyLogs.files()
   */
  readonly logs?: HaproxyLogs;

  /**
   * How many times HAProxy tries again after a failed connection to a member (`retries`). Each retry goes to another
   * member. (On HAProxy 1.8 with `Balance.SOURCE`, a retry goes to the same member.)
   *
   * @default 3
   */
  readonly retries?: number;

  /**
   * How many connections the node accepts at the same time (`maxconn` of `global`). If the node also serves mail, HTTPS
   * gets at most three quarters of these connections, so that HTTPS cannot block mail. By default, all mail protocols
   * together get at most half of these connections, so that mail cannot block HTTPS. Outlook opens several connections
   * for each mailbox. A connection with TLS on both sides needs about 50 kB of memory and two open files. A deploy
   * stops if the host has too little memory or too few open files for `maxconn` (docs/sizes.md).
   *
   * @default 4000
   */
  readonly maxconn?: number;

  /**
   * The maximum size of a request's headers in bytes, from 8 KiB to 1 MiB, with SSL bridging and offloading. If the
   * headers are larger, a balancer answers with status 400, or with 431 from HAProxy 3.2 on. A border proxy always
   * answers with 400. Windows' http.sys accepts 16 KiB. For large Kerberos tickets, Microsoft advises raising
   * `MaxFieldLength` (at most 65534) and `MaxRequestBytes` of http.sys. A connection that is sending or receiving uses
   * up to two buffers, each 4 KiB larger than this value. An idle connection uses none.
   *
   * @default 81920 - enough for one header of 65534 bytes and 14 kB of other headers (tested)
   */
  readonly maxHeaderBytes?: number;

  /**
   * How long the old process keeps its open connections after a reload (`hard-stop-after`). After this time, the old
   * process closes them and ends. Until then, the previous settings apply to these connections, including the allow
   * lists.
   *
   * @default Duration.minutes(60) - the longest ActiveSync heartbeat is 59 minutes, so no HTTP request is cut; after 60
   * minutes, a client with a longer IMAP session must log in again
   */
  readonly hardStopAfter?: Duration;

  /**
   * How long a deploy waits for the members to be up after it has started or reloaded haproxy. These rules apply:
   *
   * - A member that was up in a backend before the deploy must be up in this backend again.
   * - If the host already served before the deploy, a new backend needs at least one member that is up, and a new
   *   member must be up in all of its backends.
   * - The deploy does not wait for members in `drain` or `maintenance`.
   *
   * If a member is still missing after this time, the deploy restores the previous files and fails. The error message
   * lists the missing members and the reasons.
   *
   * @default Duration.minutes(1)
   */
  readonly membersUpTimeout?: Duration;

  /**
   * The TCP port on loopback on which keepalived checks haproxy. The port is a stats socket of level `user`, which
   * answers even if `maxconn` is reached.
   *
   * @default 8404
   */
  readonly healthPort?: number;

  /**
   * Whether the node also serves clients over IPv6. The host must have IPv6.
   *
   * @default false - but true in `ExchangeBalancer` and `BorderProxy` if there are virtual IPv6 addresses
   */
  readonly ipv6?: boolean;

  /**
   * Your own lines for haproxy.cfg. The HAProxy on the host checks them before they go live.
   *
   * @default - none
   */
  readonly haproxyLines?: HaproxyLines;
}

/** The props that both nodes of a pair share. */
export interface HaproxyNodeCommonProps extends HaproxyCommonProps {
  /** The Exchange servers, and the services to balance. */
  readonly dag: ExchangeDag;

  /** How HTTPS is balanced. */
  readonly mode: BalancingMode;

  /**
   * The clients that may connect.
   *
   * @default - everyone may connect. Synthesis warns if SMTP, the admin center or `/PowerShell` has no list
   */
  readonly allow?: AllowLists;

  /**
   * Lets border proxies (`BorderProxy`) connect on separate ports and send the clients' addresses. For border proxies
   * at 192.0.2.11 and 192.0.2.12, set `BorderAccess.from({ addresses: ["192.0.2.11", "192.0.2.12"] })`.
   * docs/border.md describes border proxies.
   *
   * @default - border proxies cannot connect
   */
  readonly border?: BorderAccess;

  /**
   * Other web sites behind the same addresses and port 443, such as a portal, ADFS or Office Online Server.
   *
   * @default - none
   */
  readonly otherHosts?: OtherHost[];

  /**
   * The server that answers ACME challenges, such as `10.12.8.40` or `10.12.8.40:8080`: a DNS name or an IPv4 address,
   * with or without a port. The default port is 80; a token must contain the port. HAProxy sends requests for
   * `/.well-known/acme-challenge/…` on port 80 to this server. Port 80 must be served, so `redirectToHttps` must not be
   * false. May be a token.
   *
   * @default - none: port 80 redirects the challenges to HTTPS, and port 443 refuses them
   */
  readonly acmeResponder?: string;
}

/** Properties of `HaproxyNode`. */
export interface HaproxyNodeProps extends HaproxyNodeCommonProps, BalancerHost {}

/** The shape of the props that balancers and border proxies share. */
export const HAPROXY_COMMON: Shape<HaproxyCommonProps> = {
  ...MANAGED_HOST_COMMON,
  timeouts: struct(HAPROXY_TIMEOUTS),
  limits: struct(CLIENT_LIMITS),
  retries: BY_RULE,
  maxconn: BY_RULE,
  maxHeaderBytes: BY_RULE,
  hardStopAfter: DURATION,
  membersUpTimeout: DURATION,
  healthPort: BY_RULE,
  ipv6: FLAG,
  haproxyLines: struct(HAPROXY_LINES),
  logs: instanceOf("a HaproxyLogs, such as HaproxyLogs.journal()", HaproxyLogs),
  monitoring: instanceOf("a Monitoring, such as Monitoring.prometheus({ allow: [...] })", Monitoring),
};

export const HAPROXY_NODE_COMMON: Shape<HaproxyNodeCommonProps> = {
  ...HAPROXY_COMMON,
  dag: required(instanceOf("an ExchangeDag", ExchangeDag)),
  mode: required(instanceOf("a BalancingMode, such as BalancingMode.tcp()", BalancingMode)),
  allow: struct(ALLOW_LISTS),
  otherHosts: listOf(struct(OTHER_HOST_SHAPE)),
  acmeResponder: BY_RULE,
  border: instanceOf("a BorderAccess, such as BorderAccess.from({ addresses: [...] })", BorderAccess),
};

export const HAPROXY_NODE: Shape<HaproxyNodeProps> = { ...MANAGED_HOST, ...HAPROXY_NODE_COMMON };
