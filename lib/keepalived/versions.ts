/** The branches of keepalived that the supported systems ship. No line that is written differs among them. */
export const KEEPALIVED_VERSIONS = ["2.1", "2.2", "2.3"] as const;

export type KeepalivedVersion = (typeof KEEPALIVED_VERSIONS)[number];
