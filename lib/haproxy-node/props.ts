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
   * @default - see each timeout
   */
  readonly timeouts?: HaproxyTimeouts;

  /**
   * The limits for each client address.
   *
   * @default - an address may have half of a frontend's connections
   */
  readonly limits?: ClientLimits;

  /**
   * Metrics and HAProxy's status page on the node's own address, such as
   * `Monitoring.prometheus({ allow: ["10.8.5.9"] })`. docs/monitoring.md has the series, the alerts and the dashboard.
   *
   * @default - none
   */
  readonly monitoring?: Monitoring;

  /**
   * Where HAProxy's log lines go: files by rsyslog, the journal, a syslog server such as
   * `HaproxyLogs.remote({ address: "10.8.5.20" })`, or nowhere. docs/log.md has the fields of a line.
   *
   * @default HaproxyLogs.files()
   */
  readonly logs?: HaproxyLogs;

  /**
   * How often HAProxy tries again after a failed connection to a member (`retries`). Each retry goes to another member.
   *
   * @default 3
   */
  readonly retries?: number;

  /**
   * How many connections the node accepts at once (`maxconn` of `global`). HTTPS gets at most three
   * quarters of them and all mail protocols together half, so neither shuts the other out. Outlook
   * opens several connections for each mailbox. A node needs about 50 kB of memory for a connection
   * with TLS on both sides, and two open files; a deploy refuses more than the host has (docs/sizes.md).
   *
   * @default 4000
   */
  readonly maxconn?: number;

  /**
   * The maximum size of a request's headers in bytes, from 8 KiB to 1 MiB, with SSL bridging and
   * offloading. A larger request is answered 400. Windows' http.sys accepts 16 KiB unless you raise its
   * `MaxFieldLength` (at most 65534) and `MaxRequestBytes`, as Microsoft advises for large Kerberos
   * tickets. A connection that is sending or receiving takes up to two buffers of this size; an
   * idle connection takes none.
   *
   * @default 81920 - one header of 65534 bytes, and 16 KiB of other headers
   */
  readonly maxHeaderBytes?: number;

  /**
   * How long the old process keeps its open connections after a reload (`hard-stop-after`). Then
   * it ends and closes them. Until they end, the previous settings apply to them, including the
   * allow lists.
   *
   * @default Duration.minutes(60) - ActiveSync's longest heartbeat is 59 minutes,
   * so no HTTP request is cut; an IMAP session that is older must log in again
   */
  readonly hardStopAfter?: Duration;

  /**
   * How long a deploy waits for the members to be up after it has started or reloaded
   * haproxy. A member that was up in a backend must be up in it again. If the host served
   * before, a new backend also needs one member that is up. Otherwise the deploy restores the
   * previous files and fails, and its message names the missing members and the reason. The
   * deploy does not wait for members in `drain` or `maintenance`.
   *
   * @default Duration.minutes(1)
   */
  readonly membersUpTimeout?: Duration;

  /**
   * The TCP port on loopback for keepalived's check: a stats socket of level `user`,
   * which answers even when `maxconn` is reached.
   *
   * @default 8404
   */
  readonly healthPort?: number;

  /**
   * Whether clients are also served on IPv6. The host must have IPv6.
   *
   * @default - false; with `ExchangeBalancer` true if there are virtual IPv6 addresses
   */
  readonly ipv6?: boolean;

  /**
   * Lines of your own for haproxy.cfg. The host's own HAProxy checks them before they go live.
   *
   * @default - none
   */
  readonly haproxyLines?: HaproxyLines;
}

/** The props that both nodes of a pair share. */
export interface HaproxyNodeCommonProps extends HaproxyCommonProps {
  /** The Exchange servers, and which of their services are served. */
  readonly dag: ExchangeDag;

  /** How HTTPS is balanced. */
  readonly mode: BalancingMode;

  /**
   * The clients that may connect.
   *
   * @default - everyone, with a warning for SMTP and for the admin center
   */
  readonly allow?: AllowLists;

  /**
   * Accepts clients from border proxies (`BorderProxy`), on separate ports and with the clients' addresses:
   * `BorderAccess.from({ addresses: ["192.0.2.11", "192.0.2.12"] })`. See docs/border.md.
   *
   * @default - no border proxies
   */
  readonly border?: BorderAccess;

  /**
   * Other web sites behind the same addresses and port 443: a portal, ADFS, Office Online Server.
   *
   * @default - none
   */
  readonly otherHosts?: OtherHost[];

  /**
   * The server that answers ACME challenges, such as `10.12.8.40` or `10.12.8.40:8080`: a DNS name or an IPv4 address, with or
   * without a port (80). Requests for `/.well-known/acme-challenge/…` on port 80 go there instead of being redirected, so
   * `redirectToHttps` must not be false. May be a token.
   *
   * @default - none: port 80 redirects the challenges, and 443 refuses them
   */
  readonly acmeResponder?: string;
}

/** Properties of `HaproxyNode`. */
export interface HaproxyNodeProps extends HaproxyNodeCommonProps, BalancerHost {}

/** The lines of the tables of balancers and border proxies alike. */
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
