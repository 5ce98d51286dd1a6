import type { LabSite } from "../../examples/lab/main";

/** A failover setting that the bench compares, as a change of examples/lab. */
export interface Profile {
  readonly name: string;
  readonly site: LabSite;
  /** Seconds between two checks of haproxy. A fault happens at a random time within this interval. */
  readonly phase: number;
  /**
   * For how many seconds the client measures after a fault: `told` if keepalived is notified of the fault, `found` if
   * it must detect the fault by a check.
   */
  readonly look: { readonly told: number; readonly found: number };
  /** The aims in seconds, in the order of FAULTS; empty if the profile has no aims. */
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
