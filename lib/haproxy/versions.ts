/**
 * The branches of HAProxy in the supported systems, or in third-party packages for these systems. The oldest branch
 * comes first.
 */
export const HAPROXY_VERSIONS = ["1.8", "2.2", "2.4", "2.6", "2.8", "3.0", "3.2"] as const;

export type HaproxyVersion = (typeof HAPROXY_VERSIONS)[number];

/**
 * What a branch of HAProxy supports. Other code looks up a feature here, and never compares versions. `(2.2)` after a
 * feature means that HAProxy 2.2 is the first version with this feature.
 */
export interface HaproxyFeatures {
  /**
   * Before 2.2, a TLS bind without its own Diffie-Hellman parameters uses 1024 bits and warns. Since 2.2, the default
   * is 2048 bits.
   */
  readonly weakDefaultDhParam: boolean;
  /**
   * `option idle-close-on-response` (January 2022, in later releases of 2.4; 2.4.0 refuses it): after a reload, the old
   * process answers one more request on an idle connection before it closes the connection. Without this option, the
   * old process closes idle connections immediately, and a client that is just sending a request must send it again.
   */
  readonly idleCloseOnResponse: boolean;
  /**
   * `http-request del-header TEXT -m beg` (2.4) removes all headers whose names begin with TEXT. Older versions need
   * one rule for each header.
   */
  readonly deleteHeadersByBeginning: boolean;
  /** `http-request use-service prometheus-exporter`: built into HAProxy 2.0 and later in every supported system. */
  readonly prometheusExporter: boolean;
  /**
   * `ring` with a `server` (2.2): log lines wait in a buffer, and HAProxy sends many lines together to rsyslog by TCP.
   * A line costs 3.0 us in this way, and 7.8 us if HAProxy sends one UDP packet for each line (2.6.12, measured;
   * docs/performance.md). HAD_BY names only versions in which `ring` was tested.
   */
  readonly logRing: boolean;
  /**
   * `log stdout` with the format `short` (1.9; tested from 2.2 on). This also works if systemd starts HAProxy with -Ws.
   */
  readonly logStdout: boolean;
  /**
   * The fetch `pathq` returns path and query together (2.2). For HAProxy 1.8, the generated rules join `path` and
   * `query`.
   */
  readonly pathAndQuery: boolean;
  /** `http-request return` and `deny_status 404` (2.2): HAProxy can answer a request itself. */
  readonly ownAnswers: boolean;
  /**
   * `timeout client-hs`, a separate timeout for TLS handshakes (2.9). In older versions, `timeout client` limits the
   * handshakes.
   */
  readonly handshakeTimeout: boolean;
  /** `tcp-check connect default linger` (2.2): a check ends with FIN. In older versions, a check ends with RST. */
  readonly lingeringChecks: boolean;
  /**
   * `h1-case-adjust` (2.2): HAProxy can restore the spelling of header names. HAProxy 1.8 does not need this directive,
   * because it never changes the spelling.
   */
  readonly headerCase: boolean;
  /**
   * `option dontlognull` hides not only connections without data, but also requests that HAProxy cannot parse, because
   * HAProxy logs the same line for both (only in 2.2; tested).
   */
  readonly hidesUnreadable: boolean;
  /**
   * `http-request wait-for-body` (2.4): HAProxy waits for the whole body of a login form before it checks the form. For
   * all other requests, HAProxy does not wait for the body.
   */
  readonly waitForBody: boolean;
  /**
   * `localpeer`, and `bind` in `peers` (2.2; tested): nodes can share tables, because the configuration can say which
   * peer is the local node.
   */
  readonly sharedTables: boolean;
  /** `ipmask` has a second mask for IPv6 (2.0). */
  readonly ipv6Masks: boolean;
  /** HAProxy answers 431 to a request whose headers are too large (3.2; tested). Older versions answer 400. */
  readonly saysTooLarge: boolean;
  /** `tune.lua.bool-sample-conversion` (3.1). HAProxy 3.1 and later warn if this line is missing before `lua-load`. */
  readonly luaBooleans: boolean;
  /** `setcap cap_net_admin` (2.9): HAProxy can connect from its clients' addresses without running as root. */
  readonly keepsCapabilities: boolean;
}

/**
 * Which versions have each feature. `since` is the first version with the feature, and `before` is the first later
 * version without it. If `since` is undefined, the oldest version already has the feature. If `before` is undefined,
 * the newest version still has it.
 */
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
