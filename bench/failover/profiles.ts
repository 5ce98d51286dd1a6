import type { LabSite } from "../../examples/lab/main";

/** A way to fail over, as examples/lab deploys it. */
export interface Profile {
  readonly name: string;
  readonly site: LabSite;
  /** Seconds between two checks of haproxy, over which a fault's phase is random. */
  readonly phase: number;
  /** Seconds for which the client looks, for a fault that is told and for one that has to be found out. */
  readonly look: { readonly told: number; readonly found: number };
  /** The aims in seconds, in the faults' order; none where there is none. */
  readonly aims: readonly (number | undefined)[];
}

// How long a well node waits before it takes the address back is no part of an outage; short, it shortens the runs.
const preemptDelaySeconds = 1;

export const PROFILES: readonly Profile[] = [
  { name: "article", site: {}, phase: 5, look: { told: 2.5, found: 14 }, aims: [] },
  {
    name: "fast",
    site: { failover: { profile: "fast", preemptDelaySeconds } },
    phase: 1,
    look: { told: 1.6, found: 3.5 },
    aims: [0.12, 2, 0.35, 0.08],
  },
  {
    name: "lan",
    site: { failover: { profile: "lan", preemptDelaySeconds } },
    phase: 1,
    look: { told: 1.6, found: 3.5 },
    aims: [0.06, undefined, 0.12, 0.03],
  },
];
