/** The branches of HAProxy that the supported systems ship. */
export type HaproxyVersion = "1.8" | "2.2" | "2.4" | "2.6" | "3.0";

/** What a branch can say. A renderer asks this table and never compares versions. */
export interface HaproxyFeatures {
  /**
   * Before 2.2 a TLS bind without Diffie-Hellman parameters of its own falls
   * back to 1024 bits and warns; 2.2 made 2048 the default.
   */
  readonly weakDefaultDhParam: boolean;
}

export const HAPROXY_FEATURES: Readonly<Record<HaproxyVersion, HaproxyFeatures>> = {
  "1.8": { weakDefaultDhParam: true },
  "2.2": { weakDefaultDhParam: false },
  "2.4": { weakDefaultDhParam: false },
  "2.6": { weakDefaultDhParam: false },
  "3.0": { weakDefaultDhParam: false },
};
