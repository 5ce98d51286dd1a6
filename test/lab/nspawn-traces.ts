import { rmdirSync } from "node:fs";

/**
 * systemd-nspawn leaves an empty folder for each machine if /run is not a tmpfs. Only empty folders are removed,
 * because folders of other machines do not belong to the lab.
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
