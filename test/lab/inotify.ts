import { readFileSync, writeFileSync } from "node:fs";
import { say } from "./say";

const LIMIT = "/proc/sys/fs/inotify/max_user_instances";
const ENOUGH = 1024;

/**
 * Raises this machine's limit of inotify instances, which all hosts of all labs share. The default of 128 is enough for about two
 * labs. Without a free instance, keepalived cannot follow files ("Unable to monitor track files"), and systemd cannot watch paths.
 */
export function allowInotify(): void {
  if (Number(readFileSync(LIMIT, "utf8")) >= ENOUGH) return;
  writeFileSync(LIMIT, String(ENOUGH));
  say(`Set fs.inotify.max_user_instances of this machine to ${ENOUGH} until its next boot.`);
}
