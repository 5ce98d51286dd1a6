/** The branches of HAProxy that the supported systems, or third-party packages for them, ship. */
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
  /** Reads and rewrites a request's head line by line, and has it whole as `req.hdrs` (2.2; run). 1.8 sends it on with the bytes that came. */
  readonly wholeHead: boolean;
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

const SINCE_2_2 = { weakDefaultDhParam: false, pathAndQuery: true, wholeHead: true, ownAnswers: true, lingeringChecks: true, headerCase: true, hidesUnreadable: false, ipv6Masks: true, prometheusExporter: true, logRing: false, logStdout: true, saysTooLarge: false, luaBooleans: false, waitForBody: false, sharedTables: true, keepsCapabilities: false };
const SINCE_2_4 = { ...SINCE_2_2, waitForBody: true, idleCloseOnResponse: true, deleteHeadersByBeginning: true };

export const HAPROXY_FEATURES: Readonly<Record<HaproxyVersion, HaproxyFeatures>> = {
  "1.8": {
    weakDefaultDhParam: true, idleCloseOnResponse: false, deleteHeadersByBeginning: false, pathAndQuery: false, wholeHead: false, ownAnswers: false,
    handshakeTimeout: false, lingeringChecks: false, headerCase: false, hidesUnreadable: false, ipv6Masks: false,
    prometheusExporter: false, logRing: false, logStdout: false, saysTooLarge: false, luaBooleans: false, waitForBody: false, sharedTables: false, keepsCapabilities: false,
  },
  "2.2": { ...SINCE_2_2, hidesUnreadable: true, idleCloseOnResponse: false, deleteHeadersByBeginning: false, handshakeTimeout: false },
  "2.4": { ...SINCE_2_4, handshakeTimeout: false },
  "2.6": { ...SINCE_2_4, logRing: true, handshakeTimeout: false },
  "2.8": { ...SINCE_2_4, logRing: true, handshakeTimeout: false },
  "3.0": { ...SINCE_2_4, logRing: true, handshakeTimeout: true, keepsCapabilities: true },
  "3.2": { ...SINCE_2_4, logRing: true, handshakeTimeout: true, keepsCapabilities: true, luaBooleans: true, saysTooLarge: true },
};
