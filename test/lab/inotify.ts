import { readFileSync, writeFileSync } from "node:fs";
import { say } from "./say";

const LIMIT = "/proc/sys/fs/inotify/max_user_instances";
const ENOUGH = 1024;

/**
 * All hosts of all labs share root's inotify instances. The default of 128 is enough for about two labs. Without an instance,
 * keepalived follows no file ("Unable to monitor track files") and systemd watches no path.
 */
export function allowInotify(): void {
  if (Number(readFileSync(LIMIT, "utf8")) >= ENOUGH) return;
  writeFileSync(LIMIT, String(ENOUGH));
  say(`Set fs.inotify.max_user_instances of this machine to ${ENOUGH} until its next boot.`);
}
