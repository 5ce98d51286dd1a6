/** The branches of HAProxy that the supported systems, or third-party packages for them, ship; in their order. */
export const HAPROXY_VERSIONS = ["1.8", "2.2", "2.4", "2.6", "2.8", "3.0", "3.2"] as const;

export type HaproxyVersion = (typeof HAPROXY_VERSIONS)[number];

/** What a branch can say. A renderer asks this table and never compares versions. */
export interface HaproxyFeatures {
  /**
   * Before 2.2 a TLS bind without Diffie-Hellman parameters of its own falls
   * back to 1024 bits and warns; 2.2 made 2048 the default.
   */
  readonly weakDefaultDhParam: boolean;
  /**
   * `option idle-close-on-response` (January 2022, in 2.4's later releases; 2.4.0 refuses it): a process that is being replaced answers
   * one more request on an idle connection before it closes it. Without it a
   * client that sends just then finds the connection closed and has to try again.
   */
  readonly idleCloseOnResponse: boolean;
  /** `http-request del-header NAME -m beg` (2.4): all headers that begin so; before, each takes a rule of its own. */
  readonly deleteHeadersByBeginning: boolean;
  /** `http-request use-service prometheus-exporter`: built in where the supported systems ship 2.0 or later. */
  readonly prometheusExporter: boolean;
  /**
   * `ring` with a `server` (2.2): log lines wait in a buffer and go to rsyslog by TCP, many at once. A packet for each costs
   * HAProxy 7.7 us a line, this 2.9 (2.6.12, measured). On for the versions that it was run on.
   */
  readonly logRing: boolean;
  /** `log stdout` and its format `short` (1.9; run from 2.2 on), also in a process that systemd started with -Ws. */
  readonly logStdout: boolean;
  /** The fetch `pathq`, path and query in one (2.2). 1.8 puts the two together from `path` and `query`. */
  readonly pathAndQuery: boolean;
  /** `http-request return`, and `deny_status 404` (2.2). */
  readonly ownAnswers: boolean;
  /** `timeout client-hs`, a time of its own for TLS handshakes (2.9). Before, `timeout client` bounds them. */
  readonly handshakeTimeout: boolean;
  /** `tcp-check connect default linger` (2.2): a check ends with FIN. Before, with RST. */
  readonly lingeringChecks: boolean;
  /** `h1-case-adjust` (2.2). 1.8 needs none: it keeps header names as they were sent. */
  readonly headerCase: boolean;
  /** Counts a request that it could not read as a connection without data, so that `option dontlognull` hides it (2.2; run). */
  readonly hidesUnreadable: boolean;
  /** `http-request wait-for-body` (2.4): a form is judged when it is there whole, and no other request waits for it. */
  readonly waitForBody: boolean;
  /** `localpeer`, and `bind` in `peers` (2.2; run): nodes need no names from outside to share tables. */
  readonly sharedTables: boolean;
  /** `ipmask` takes a second mask, for IPv6 (2.0). */
  readonly ipv6Masks: boolean;
  /** Answers a request whose headers are too large 431 (3.2; run), where older ones answer 400. */
  readonly saysTooLarge: boolean;
  /** `tune.lua.bool-sample-conversion` (3.1), which has to be set before `lua-load`: without it 3.1 and later warn. */
  readonly luaBooleans: boolean;
  /** `setcap cap_net_admin` (2.9): a process that uses its clients' addresses need not run as root. */
  readonly keepsCapabilities: boolean;
}

/** The versions that have a feature: from `since` on, and up to the one before `before`. */
const HAD_BY: { readonly [feature in keyof HaproxyFeatures]: { readonly since?: HaproxyVersion; readonly before?: HaproxyVersion } } = {
  weakDefaultDhParam: { before: "2.2" },
  idleCloseOnResponse: { since: "2.4" },
  deleteHeadersByBeginning: { since: "2.4" },
  prometheusExporter: { since: "2.2" },
  logRing: { since: "2.6" },
  logStdout: { since: "2.2" },
  pathAndQuery: { since: "2.2" },
  ownAnswers: { since: "2.2" },
  handshakeTimeout: { since: "3.0" },
  lingeringChecks: { since: "2.2" },
  headerCase: { since: "2.2" },
  hidesUnreadable: { since: "2.2", before: "2.4" },
  waitForBody: { since: "2.4" },
  sharedTables: { since: "2.2" },
  ipv6Masks: { since: "2.2" },
  saysTooLarge: { since: "3.2" },
  luaBooleans: { since: "3.2" },
  keepsCapabilities: { since: "3.0" },
};

function featuresOf(version: HaproxyVersion): HaproxyFeatures {
  const at = HAPROXY_VERSIONS.indexOf(version);
  const features = Object.entries(HAD_BY).map(([feature, { since, before }]) => [
    feature,
    (since === undefined || at >= HAPROXY_VERSIONS.indexOf(since)) && (before === undefined || at < HAPROXY_VERSIONS.indexOf(before)),
  ]);
  return Object.fromEntries(features) as HaproxyFeatures;
}

export const HAPROXY_FEATURES = Object.fromEntries(HAPROXY_VERSIONS.map((version) => [version, featuresOf(version)])) as Readonly<Record<HaproxyVersion, HaproxyFeatures>>;
