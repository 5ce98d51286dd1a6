/** The branches of keepalived in the supported systems. The generated lines are the same for all branches. */
export const KEEPALIVED_VERSIONS = ["2.1", "2.2", "2.3"] as const;

export type KeepalivedVersion = (typeof KEEPALIVED_VERSIONS)[number];
