import { ALLOW_LISTS, AllowLists } from "../choices/allow-lists";
import { BalancingMode } from "../choices/balancing-mode";
import { BorderAccess } from "../choices/border-access";
import { CLIENT_LIMITS, ClientLimits } from "../choices/client-limits";
import { DURATION, Duration } from "../choices/duration";
import { HAPROXY_TIMEOUTS, HaproxyTimeouts } from "../choices/haproxy-timeouts";
import { Monitoring } from "../choices/monitoring";
import { ExchangeDag } from "../exchange-dag";
import { BalancerHost, MANAGED_HOST, ManagedHostCommonProps } from "../managed-host";
import { BY_RULE, FLAG, Shape, instanceOf, required, struct } from "../validation/shape";

/** What every host with a haproxy of this library's has: balancers and border proxies. */
export interface HaproxyCommonProps extends ManagedHostCommonProps {
  /**
   * HAProxy's timeouts.
   *
   * @default - the article's, as each says
   */
  readonly timeouts?: HaproxyTimeouts;

  /**
   * What one client address may take.
   *
   * @default - half of what the port takes at all
   */
  readonly limits?: ClientLimits;

  /**
   * Metrics and HAProxy's status page on the node's own address: `Monitoring.prometheus({ allow: ["10.8.5.9"] })`.
   * See docs/monitoring.md for the series, the alerts and the dashboard.
   *
   * @default - none
   */
  readonly monitoring?: Monitoring;

  /**
   * How often a connection to a member is tried again before another member is (`retries`).
   *
   * @default 3
   */
  readonly retries?: number;

  /**
   * How many connections the node takes at once (`maxconn` of `global`). HTTPS takes at most three
   * quarters of them and all mail protocols together half, so that neither shuts the other out. Outlook
   * opens several per mailbox; HAProxy needs about 34 kB of memory for one that
   * is in TLS on both sides.
   *
   * @default 4000
   */
  readonly maxconn?: number;

  /**
   * How many bytes the headers of a request may have, from 8 KiB to 1 MiB, with SSL bridging and
   * offloading; a request with more is answered 400. http.sys takes 16 KiB unless its `MaxFieldLength`
   * (at most 65534) and `MaxRequestBytes` are raised, as Microsoft advises where Kerberos tickets
   * are large. Each connection that is just then sending or receiving takes up to two buffers
   * of this size; one that waits takes none.
   *
   * @default 81920 - a header of 65534 bytes, and 16 KiB of others
   */
  readonly maxHeaderBytes?: number;

  /**
   * How long a process that was replaced by a reload may finish the connections it
   * has open (`hard-stop-after`); then it ends, and they with it. They live by the
   * former settings until they end, the allow lists among them.
   *
   * @default Duration.minutes(60) - ActiveSync's longest heartbeat is 59 minutes,
   * so no HTTP request is ever cut; an IMAP session that is older logs in again
   */
  readonly hardStopAfter?: Duration;

  /**
   * How long a deploy waits for the members, after haproxy was started or reloaded,
   * to be up as they were before, at most. A member that was up in a backend must be up
   * in it again, and where something was served before, a backend that is new
   * needs one member that is up; else the former files come back, the deploy
   * fails and says which members are missed and why. Members in `drain` and
   * `maintenance` are not waited for.
   *
   * @default Duration.minutes(1)
   */
  readonly membersUpTimeout?: Duration;

  /**
   * The TCP port on loopback where HAProxy answers whether it lives: a stats
   * socket of level `user`, which answers even when `maxconn` is reached.
   *
   * @default 8404
   */
  readonly healthPort?: number;

  /**
   * Whether clients are served on IPv6, too. The host must have IPv6.
   *
   * @default - false; with `ExchangeBalancer` true where there are virtual IPv6 addresses
   */
  readonly ipv6?: boolean;
}

/** What the nodes of a pair have in common. */
export interface HaproxyNodeCommonProps extends HaproxyCommonProps {
  /** The Exchange side. */
  readonly dag: ExchangeDag;

  /** How HTTPS is balanced. */
  readonly mode: BalancingMode;

  /**
   * Who may connect.
   *
   * @default - everyone, with a warning for SMTP and for the admin center
   */
  readonly allow?: AllowLists;

  /**
   * Takes clients from border proxies (`BorderProxy`), on ports of their own and with the clients' addresses:
   * `BorderAccess.from({ addresses: ["192.0.2.11", "192.0.2.12"] })`. See docs/border.md.
   *
   * @default - nothing stands in front of these nodes
   */
  readonly border?: BorderAccess;
}

/** Properties of `HaproxyNode`. */
export interface HaproxyNodeProps extends HaproxyNodeCommonProps, BalancerHost {}

/** What a border proxy takes, too. */
export const HAPROXY_COMMON: Shape<Omit<HaproxyCommonProps, keyof ManagedHostCommonProps>> = {
  timeouts: struct(HAPROXY_TIMEOUTS),
  limits: struct(CLIENT_LIMITS),
  retries: BY_RULE,
  maxconn: BY_RULE,
  maxHeaderBytes: BY_RULE,
  hardStopAfter: DURATION,
  membersUpTimeout: DURATION,
  healthPort: BY_RULE,
  ipv6: FLAG,
  monitoring: instanceOf("a Monitoring, such as Monitoring.prometheus({ allow: [...] })", Monitoring),
};

export const HAPROXY_NODE: Shape<HaproxyNodeProps> = {
  ...MANAGED_HOST,
  ...HAPROXY_COMMON,
  dag: required(instanceOf("an ExchangeDag", ExchangeDag)),
  mode: required(instanceOf("a BalancingMode, such as BalancingMode.tcp()", BalancingMode)),
  allow: struct(ALLOW_LISTS),
  border: instanceOf("a BorderAccess, such as BorderAccess.from({ addresses: [...] })", BorderAccess),
};
