import { rmdirSync } from "node:fs";

/**
 * If /run is not a tmpfs, the folders of systemd-nspawn stay there after a machine has ended. This function removes the
 * machine's own folder, and the folders that all machines share. A shared folder that is not empty stays, because other
 * machines use it.
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
