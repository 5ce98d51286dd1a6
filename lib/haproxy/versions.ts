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
}

export const HAPROXY_FEATURES: Readonly<Record<HaproxyVersion, HaproxyFeatures>> = {
  "1.8": { weakDefaultDhParam: true, idleCloseOnResponse: false, deleteHeadersByBeginning: false, prometheusExporter: false, logRing: false },
  "2.2": { weakDefaultDhParam: false, idleCloseOnResponse: false, deleteHeadersByBeginning: false, prometheusExporter: true, logRing: false },
  "2.4": { weakDefaultDhParam: false, idleCloseOnResponse: true, deleteHeadersByBeginning: true, prometheusExporter: true, logRing: false },
  "2.6": { weakDefaultDhParam: false, idleCloseOnResponse: true, deleteHeadersByBeginning: true, prometheusExporter: true, logRing: true },
  "2.8": { weakDefaultDhParam: false, idleCloseOnResponse: true, deleteHeadersByBeginning: true, prometheusExporter: true, logRing: true },
  "3.0": { weakDefaultDhParam: false, idleCloseOnResponse: true, deleteHeadersByBeginning: true, prometheusExporter: true, logRing: true },
  "3.2": { weakDefaultDhParam: false, idleCloseOnResponse: true, deleteHeadersByBeginning: true, prometheusExporter: true, logRing: true },
};
