import { rmdirSync } from "node:fs";

/**
 * Removes the empty folders that systemd-nspawn leaves for a machine if /run is not a tmpfs. A folder that is not empty
 * stays, because the other machines in it do not belong to the lab.
 */
export function removeNspawnTraces(machine: string): void {
  for (const folder of [`propagate/${machine}`, "propagate", "locks", ""]) {
    try {
      rmdirSync(`/run/systemd/nspawn/${folder}`);
    } catch {
      // In use, or not there.
    }
  }
}
