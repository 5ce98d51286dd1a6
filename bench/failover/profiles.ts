import type { LabSite } from "../../examples/lab/main";

/** A way to fail over, as examples/lab deploys it. */
export interface Profile {
  readonly name: string;
  readonly site: LabSite;
  /** Seconds between two checks of haproxy; a fault happens at a random time within this interval. */
  readonly phase: number;
  /** Seconds for which the client measures, for a fault that is notified and for a fault that must be detected. */
  readonly look: { readonly told: number; readonly found: number };
  /** The aims in seconds, in the faults' order; empty if the profile has no aims. */
  readonly aims: readonly (number | undefined)[];
}

// The time until a healthy node takes the address back is not part of an outage. A short time makes the runs shorter.
const preemptDelaySeconds = 1;

export const PROFILES: readonly Profile[] = [
  { name: "article", site: {}, phase: 5, look: { told: 2.5, found: 14 }, aims: [] },
  {
    name: "fast",
    site: { failover: { profile: "fast", preemptDelaySeconds } },
    phase: 1,
    look: { told: 1.6, found: 3.5 },
    aims: [0.12, 0.7, 0.35, 0.08],
  },
  {
    name: "lan",
    site: { failover: { profile: "lan", preemptDelaySeconds } },
    phase: 1,
    look: { told: 1.6, found: 3.5 },
    aims: [0.06, 0.7, 0.12, 0.03],
  },
];
