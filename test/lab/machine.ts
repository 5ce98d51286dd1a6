import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { removeTree } from "./cache";
import { OTHER_PACKAGES_ON_HOST, otherPackages } from "./other-packages";
import { makeGroups, processesOf, removeGroups, supervisorOf } from "./cgroup";
import { writeHostFiles } from "./host-files";
import { inNamespace, plugIntoManagement, unplugFromManagement } from "./network";
import { removeNspawnTraces } from "./nspawn-traces";
import { packageRepository } from "./package-repository";
import { inState } from "./paths";
import { elHost } from "./el-host";
import { bareRoot, clientRoot, exchangeRoot } from "./root-fs";
import { must, run } from "./run";
import { balancerSuite } from "./suites";
import { REPOSITORY_ON_HOST, SYSTEMS } from "./systems";
import { type HostPlan, type HostKind, isNode, machineName, MANAGEMENT, managementSideInterface, ZONES } from "./topology";

/** One host as a systemd container: its root file system, its processes, its power switch. */

/**
 * The paths of a host's disk. The disk is an overlay: the lower layer is a shared root file system, built once, and the upper
 * layer is what the host has written. So a new host needs no copy, and a reset only removes the upper layer.
 */
interface Layout {
  readonly folder: string;
  readonly disk: string;
  readonly work: string;
  readonly mount: string;
  /**
   * A file with the paths of the lower layer, separated by colons: the saved disk if `keepDisk` has saved one, and the
   * root file system.
   */
  readonly origin: string;
}

function layout(plan: HostPlan): Layout {
  const at = (name: string): string => inState("hosts", plan.name, name);
  return { folder: inState("hosts", plan.name), disk: at("disk"), work: at("work"), mount: at("mount"), origin: at("origin") };
}

export const consoleLogOf = (plan: HostPlan): string => inState("hosts", plan.name, "console");

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function cachedRoot(kind: HostKind): Promise<string> {
  if (kind === "balancer" || kind === "border") {
    const { el, debian } = SYSTEMS[balancerSuite()];
    return el === undefined ? bareRoot(debian) : (await elHost(balancerSuite())).root;
  }
  return kind === "exchange" ? exchangeRoot() : clientRoot();
}

/** Replaces the host's disk by a new one, and writes `files` (path -> content) onto it. The host must be off. */
export async function makeDisk(plan: HostPlan, from?: string, files: Readonly<Record<string, string | Buffer>> = {}): Promise<void> {
  const { folder, disk, work, mount, origin } = layout(plan);
  await removeTree(folder);
  [folder, work, mount].forEach((name) => mkdirSync(name, { recursive: true }));
  const root = from ?? (await cachedRoot(plan.kind));
  await writeHostFiles(root, disk, plan);
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(disk, file)), { recursive: true });
    writeFileSync(path.join(disk, file), content);
  }
  writeFileSync(origin, root);
}

/** Saves the host's present disk. From now on, `newDisk` resets the host to the saved disk. The host must be off. */
export function keepDisk(plan: HostPlan): void {
  const { folder, disk, origin } = layout(plan);
  const kept = path.join(folder, "kept");
  renameSync(disk, kept);
  writeFileSync(origin, `${kept}:${readFileSync(origin, "utf8")}`);
}

/**
 * Resets the disk to the state that `keepDisk` saved, without copying. Everything written since then is lost. The host
 * must be off.
 */
export async function newDisk(plan: HostPlan): Promise<void> {
  const { disk, work } = layout(plan);
  await removeTree(disk);
  await removeTree(work);
  [disk, work].forEach((name) => mkdirSync(name));
}

/** Whether the host's disk exists and uses the current build of its root file system. */
export async function hasCurrentDisk(plan: HostPlan): Promise<boolean> {
  const { origin } = layout(plan);
  return existsSync(origin) && readFileSync(origin, "utf8") === (await cachedRoot(plan.kind));
}

export const isOn = (plan: HostPlan): boolean => supervisorOf(plan.name) !== undefined;

/** Starts the host; does not wait until it has booted. */
export async function powerOn(plan: HostPlan): Promise<void> {
  if (isOn(plan)) return;
  await powerOff(plan);
  const { disk, work, mount, origin } = layout(plan);
  const balancer = plan.kind === "balancer";
  const binds = isNode(plan) ? await packageFolders() : [];
  const second = balancer ? [`--network-veth-extra=${managementSideInterface(plan)}:${MANAGEMENT.interface}`] : [];
  const nspawn = inNamespace([
    "systemd-nspawn", "--quiet", "-D", mount, "-M", machineName(plan), `--hostname=${plan.name}`, "--boot",
    `--network-bridge=${ZONES[plan.zone].bridge}`, ...second, "--register=no", "--keep-unit", "--resolv-conf=off", "--timezone=off", ...binds,
  ]);
  // The shell enters the host's control groups, mounts its disk and becomes systemd-nspawn. The mount is
  // in a mount namespace of its own: it ends with the host, however that ends.
  const enter = 'while [ "$1" != -- ]; do echo $$ > "$1" || exit; shift; done; shift\n'
    + 'mount -t overlay -o "$1" overlay "$2" || exit; shift 2; exec "$@"';
  const overlay = `lowerdir=${readFileSync(origin, "utf8")},upperdir=${disk},workdir=${work}`;
  const groups = makeGroups(plan.name).map((group) => `${group}/cgroup.procs`);
  if (balancer) await unplugFromManagement(managementSideInterface(plan));
  const log = openSync(consoleLogOf(plan), "w");
  const child = spawn("unshare", ["--mount", "sh", "-c", enter, "sh", ...groups, "--", overlay, mount, ...nspawn], {
    detached: true, // It outlives the command that started it.
    stdio: ["ignore", log, log],
    env: { PATH: process.env["PATH"], ...unified(plan) },
  });
  closeSync(log);
  child.unref();
  await new Promise((resolve, reject) => child.once("spawn", resolve).once("error", reject));
  if (balancer) await plugIntoManagement(managementSideInterface(plan));
}

async function packageFolders(): Promise<string[]> {
  const suite = balancerSuite();
  const { el, debian } = SYSTEMS[suite];
  return [
    `--bind-ro=${await packageRepository(suite)}:${REPOSITORY_ON_HOST}`,
    ...(el === undefined ? [`--bind-ro=${await otherPackages(debian)}:${OTHER_PACKAGES_ON_HOST}`] : []),
  ];
}

/**
 * The environment that gives a host unified control groups, which newer systemds need even if this machine uses the
 * older layout.
 */
const unified = (plan: HostPlan): Record<string, string> =>
  isNode(plan) && SYSTEMS[balancerSuite()].unifiedControlGroups ? { SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: "1" } : {};

/** Kills all processes of the host at the same time, as a power failure does, so that the host writes no more data. */
export async function powerOff(plan: HostPlan): Promise<void> {
  for (let tries = 0; processesOf(plan.name).length > 0; tries++) {
    if (tries === 100) throw new Error(`${plan.name} does not stop: processes ${processesOf(plan.name).join(", ")} are still running.`);
    const init = leaderOf(plan);
    // The host's first process takes all others with it, and its systemd-nspawn then tidies up.
    const targets = init !== undefined && tries < 20 ? [init] : processesOf(plan.name);
    for (const pid of targets) end(pid, "SIGKILL");
    await pause(50);
  }
  removeGroups(plan.name);
  removeNspawnTraces(machineName(plan));
}

/** Shuts the host down as its own `poweroff` would. */
export async function shutDown(plan: HostPlan): Promise<void> {
  const supervisor = supervisorOf(plan.name);
  if (supervisor !== undefined) end(supervisor, "SIGTERM");
  for (let tries = 0; tries < 300 && isOn(plan); tries++) await pause(50);
  await powerOff(plan);
}

function end(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/** The process id, on this machine, of the host's process number 1. */
export function leaderOf(plan: HostPlan): number | undefined {
  const supervisor = supervisorOf(plan.name);
  if (supervisor === undefined) return undefined;
  try {
    const children = readFileSync(`/proc/${supervisor}/task/${supervisor}/children`, "utf8").trim().split(" ");
    return children[0] === undefined || children[0] === "" ? undefined : Number(children[0]);
  } catch {
    return undefined;
  }
}

/** The arguments that run `command` inside the host, even if its sshd does not answer. */
export function insideHost(plan: HostPlan, command: readonly string[]): string[] {
  const leader = leaderOf(plan);
  if (leader === undefined) throw new Error(`${plan.name} is off. Start it, or see how it ended in ${consoleLogOf(plan)}.`);
  return [
    "nsenter", "-t", String(leader), "-m", "-u", "-i", "-n", "-p", "-C",
    "env", "-i", "-C", "/root", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "USER=root",
    "LANG=C.UTF-8", "TERM=dumb", ...command,
  ];
}

/** Waits until the host's ssh answers and its systemd has started everything. Returns the units that failed. */
export async function waitUntilBooted(plan: HostPlan): Promise<string[]> {
  const knock = `for i in $(seq 600); do
    if exec 3<>/dev/tcp/${plan.address}/22 && read -r -t 5 banner <&3; then exit 0; fi; sleep 0.05
  done 2>/dev/null; exit 1`;
  const answer = await run(inNamespace(["bash", "-c", knock]), { timeout: 60 });
  if (answer.status !== 0 || !isOn(plan)) {
    throw new Error(`${plan.name} did not boot. Its console:\n${consoleTail(plan)}`);
  }
  await run(insideHost(plan, ["timeout", "60", "systemctl", "is-system-running", "--wait"]));
  const failed = await must(insideHost(plan, ["systemctl", "--failed", "--plain", "--no-legend", "--no-pager"]));
  return failed.split("\n").map((line) => line.split(" ")[0] ?? "").filter((unit) => unit !== "");
}

const consoleTail = (plan: HostPlan): string =>
  existsSync(consoleLogOf(plan)) ? readFileSync(consoleLogOf(plan), "utf8").split("\n").slice(-15).join("\n") : "(nothing)";
