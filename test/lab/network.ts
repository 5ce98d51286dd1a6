import { existsSync, writeFileSync } from "node:fs";
import { inState } from "./paths";
import { must, run } from "./run";
import { BRIDGE, GATEWAY, MANAGEMENT, PREFIX_LENGTH } from "./topology";

/**
 * The file on which the lab's network namespace is mounted. The lab does not use "ip netns", which would leave a mount on /run/netns
 * that hides other programs' namespaces there.
 */
export const NAMESPACE_FILE = inState("netns");

/**
 * The arguments that run `command` in the lab's network. They use nsenter, because "ip netns exec" remounts /sys, and
 * then systemd-nspawn fails.
 */
export const inNamespace = (command: readonly string[]): string[] => ["nsenter", `--net=${NAMESPACE_FILE}`, ...command];

const ip = (...args: string[]): string[] => inNamespace(["ip", ...args]);

export async function networkIsUp(): Promise<boolean> {
  return existsSync(NAMESPACE_FILE) && (await run(ip("link", "show", BRIDGE))).status === 0;
}

export async function networkUp(): Promise<void> {
  if (await networkIsUp()) return;
  await networkDown();
  writeFileSync(NAMESPACE_FILE, "");
  await must(["unshare", `--net=${NAMESPACE_FILE}`, "true"]);
  await must(ip("link", "set", "lo", "up"));
  for (const [bridge, gateway] of [[BRIDGE, GATEWAY], [MANAGEMENT.bridge, MANAGEMENT.gateway]] as const) {
    await must(ip("link", "add", bridge, "type", "bridge"));
    await must(ip("addr", "add", `${gateway}/${PREFIX_LENGTH}`, "dev", bridge));
    await must(ip("link", "set", bridge, "up"));
  }
}

export async function networkDown(): Promise<void> {
  // It is mounted once, and not at all after a reboot of this machine.
  while ((await run(["umount", NAMESPACE_FILE])).status === 0);
}

/**
 * Plugs a host's second interface into the management network. The host has just been switched on, so this function
 * first waits until the interface exists.
 */
export async function plugIntoManagement(hostSideInterface: string): Promise<void> {
  const plug = 'for i in $(seq 3000); do ip link set "$1" master "$2" up 2>/dev/null && exit 0; sleep 0.02; done; exit 1';
  await must(inNamespace(["sh", "-c", plug, "sh", hostSideInterface, MANAGEMENT.bridge]));
}

/**
 * Removes a host's second interface if the last boot has left it behind. systemd-nspawn does not start while this
 * interface exists.
 */
export async function unplugFromManagement(hostSideInterface: string): Promise<void> {
  await run(ip("link", "delete", hostSideInterface));
}

/** Pulls or plugs a host's cable at the bridge. */
export async function setLink(hostSideInterface: string, state: "up" | "down"): Promise<void> {
  await must(ip("link", "set", hostSideInterface, state));
}
