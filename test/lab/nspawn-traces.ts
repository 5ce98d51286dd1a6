import { rmdirSync } from "node:fs";

/**
 * systemd-nspawn leaves an empty folder a machine where /run is not a tmpfs. Only empty folders go:
 * other machines' are not the lab's to touch.
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
