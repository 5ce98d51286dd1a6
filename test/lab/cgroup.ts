import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync } from "node:fs";
import * as path from "node:path";
import { LAB } from "./paths";

/**
 * Every host has a control group of its own. It keeps the hosts' systemds apart, and it is also how the
 * lab remembers its processes: the kernel's list of them is never stale, neither after a crash of the
 * lab nor after a reboot, and no number in it can have become somebody else's process.
 */

/**
 * The mount points of the control group hierarchies that systemd uses: the unified one (v2), the one named systemd
 * (v1), or both.
 */
function hierarchies(): string[] {
  return readFileSync("/proc/self/mounts", "utf8").split("\n")
    .map((line) => line.split(" "))
    .filter(([, , type, options]) => type === "cgroup2" || (type === "cgroup" && options?.split(",").includes("name=systemd")))
    .map(([, mount]) => mount ?? "");
}

/** The control groups of a host, one in each hierarchy. */
export const groupsOf = (host: string): string[] => hierarchies().map((mount) => path.join(mount, LAB, host));

export function makeGroups(host: string): string[] {
  const groups = groupsOf(host);
  groups.forEach((group) => mkdirSync(group, { recursive: true }));
  return groups;
}

function below(group: string): string[] {
  if (!existsSync(group)) return [];
  const children = readdirSync(group, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [group, ...children.flatMap((child) => below(path.join(group, child.name)))];
}

function members(group: string): number[] {
  try {
    return readFileSync(path.join(group, "cgroup.procs"), "utf8").split("\n").filter((line) => line !== "").map(Number);
  } catch {
    return [];
  }
}

/** The ids of all processes of a host, including its systemd-nspawn. */
export const processesOf = (host: string): number[] =>
  [...new Set(groupsOf(host).flatMap(below).flatMap(members))].filter((pid) => pid > 0);

/**
 * The process id of the systemd-nspawn that runs a host. systemd-nspawn is in a control group of its own, outside the
 * group of the host's processes.
 */
export function supervisorOf(host: string): number | undefined {
  return groupsOf(host).flatMap((group) => [...members(path.join(group, "supervisor")), ...members(group)])[0];
}

export function removeGroups(host: string): void {
  for (const group of groupsOf(host)) {
    for (const folder of [...below(group)].reverse()) {
      try {
        rmdirSync(folder);
      } catch {
        // Gone already, or a process is just ending: the next `down` takes it.
      }
    }
    try {
      rmdirSync(path.dirname(group));
    } catch {
      // Other hosts are still in it.
    }
  }
}
