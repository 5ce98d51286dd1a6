/**
 * The branches of HAProxy in the supported systems, or in third-party packages for these systems. The oldest branch
 * comes first.
 */
export const HAPROXY_VERSIONS = ["1.8", "2.2", "2.4", "2.6", "2.8", "3.0", "3.2"] as const;

export type HaproxyVersion = (typeof HAPROXY_VERSIONS)[number];

/** What a branch of HAProxy supports. Code asks this table and never compares versions. */
export interface HaproxyFeatures {
  /**
   * Before 2.2, a TLS bind without its own Diffie-Hellman parameters uses 1024 bits and warns. Since 2.2, the default
   * is 2048 bits.
   */
  readonly weakDefaultDhParam: boolean;
  /**
   * `option idle-close-on-response` (January 2022, in later releases of 2.4; 2.4.0 refuses it): after a reload, the old
   * process answers one more request on an idle connection before it closes the connection. Without this option, a
   * client that sends at that moment finds the connection closed, and must try again.
   */
  readonly idleCloseOnResponse: boolean;
  /**
   * `http-request del-header NAME -m beg` (2.4) removes all headers with this beginning. Older versions need one rule
   * for each header.
   */
  readonly deleteHeadersByBeginning: boolean;
  /** `http-request use-service prometheus-exporter`: built into HAProxy 2.0 and later in every supported system. */
  readonly prometheusExporter: boolean;
  /**
   * `ring` with a `server` (2.2): log lines wait in a buffer and are sent to rsyslog by TCP, many at once. This costs
   * HAProxy 3.0 us for each line; one UDP packet for each line costs 7.8 us (2.6.12, measured; docs/performance.md).
   * Only used with versions that it was tested with.
   */
  readonly logRing: boolean;
  /**
   * `log stdout` with the format `short` (1.9; tested from 2.2 on), also in a process that systemd started with -Ws.
   */
  readonly logStdout: boolean;
  /**
   * HAProxy 2.2 and later have the fetch `pathq` for path and query together. In 1.8, the two are joined from `path`
   * and `query`.
   */
  readonly pathAndQuery: boolean;
  /** `http-request return`, and `deny_status 404` (2.2). */
  readonly ownAnswers: boolean;
  /**
   * `timeout client-hs`, a separate timeout for TLS handshakes (2.9). In older versions, `timeout client` limits them.
   */
  readonly handshakeTimeout: boolean;
  /** `tcp-check connect default linger` (2.2): a check ends with FIN. In older versions, it ends with RST. */
  readonly lingeringChecks: boolean;
  /** `h1-case-adjust` (2.2). HAProxy 1.8 does not need it, because it keeps the spelling of header names. */
  readonly headerCase: boolean;
  /**
   * HAProxy logs an unreadable request as a connection without data, so that `option dontlognull` hides it (2.2;
   * tested).
   */
  readonly hidesUnreadable: boolean;
  /**
   * `http-request wait-for-body` (2.4): HAProxy checks a form only after it has the whole form. Other requests do not
   * wait for it.
   */
  readonly waitForBody: boolean;
  /**
   * `localpeer`, and `bind` in `peers` (2.2; tested): the configuration itself can name the local node, so nodes can
   * share tables.
   */
  readonly sharedTables: boolean;
  /** `ipmask` has a second mask for IPv6 (2.0). */
  readonly ipv6Masks: boolean;
  /** HAProxy answers 431 to a request with too large headers (3.2; tested). Older versions answer 400. */
  readonly saysTooLarge: boolean;
  /** `tune.lua.bool-sample-conversion` (3.1). It must be set before `lua-load`; without it, 3.1 and later warn. */
  readonly luaBooleans: boolean;
  /** `setcap cap_net_admin` (2.9): HAProxy can connect from its clients' addresses without running as root. */
  readonly keepsCapabilities: boolean;
}

/** The versions that have a feature: all versions from `since` on that are older than `before`. */
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
