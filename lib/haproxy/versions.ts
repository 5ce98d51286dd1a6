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
  /** Up to 1.9 a frontend without a `maxconn` of its own takes 2000 connections, whatever `global` says; 2.0 made the global limit the default. */
  readonly frontendsCappedAt2000: boolean;
  /** `http-request del-header NAME -m beg` (2.4): all headers that begin so; before, each takes a rule of its own. */
  readonly deleteHeadersByBeginning: boolean;
}

export const HAPROXY_FEATURES: Readonly<Record<HaproxyVersion, HaproxyFeatures>> = {
  "1.8": { weakDefaultDhParam: true, frontendsCappedAt2000: true, idleCloseOnResponse: false, deleteHeadersByBeginning: false },
  "2.2": { weakDefaultDhParam: false, frontendsCappedAt2000: false, idleCloseOnResponse: false, deleteHeadersByBeginning: false },
  "2.4": { weakDefaultDhParam: false, frontendsCappedAt2000: false, idleCloseOnResponse: true, deleteHeadersByBeginning: true },
  "2.6": { weakDefaultDhParam: false, frontendsCappedAt2000: false, idleCloseOnResponse: true, deleteHeadersByBeginning: true },
  "2.8": { weakDefaultDhParam: false, frontendsCappedAt2000: false, idleCloseOnResponse: true, deleteHeadersByBeginning: true },
  "3.0": { weakDefaultDhParam: false, frontendsCappedAt2000: false, idleCloseOnResponse: true, deleteHeadersByBeginning: true },
  "3.2": { weakDefaultDhParam: false, frontendsCappedAt2000: false, idleCloseOnResponse: true, deleteHeadersByBeginning: true },
};
