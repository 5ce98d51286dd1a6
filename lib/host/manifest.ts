import { HostState } from "./host-state";
import { libraryVersion } from "./library-version";
import { HostPart, Opening } from "./part";

/** Increase this number to have all hosts checked and delivered again, although none of their files has changed. */
const FORMAT = 2;

/**
 * The host's state as lines for apply.sh, without the contents of files. The plan shows these lines, so they read as a
 * list of what the host gets. All lines after `part NAME` belong to this part, until the next `part` line.
 */
export function renderManifest(state: HostState): string {
  const { os, leave, takeOver, overrule, firewall, parts } = state;
  return text([
    `format ${FORMAT}`,
    `library ${libraryVersion()}`,
    osLine(os),
    `leave ${leave}`,
    ...lines("take-over", takeOver === true ? "yes" : undefined),
    ...lines("overrule", overrule),
    ...(firewall === undefined
      ? []
      : [`firewall firewalld ${firewall.sshPort}`, ...lines("zone", firewall.zone), ...firewall.packages.map((name) => `package ${name}`)]),
    ...parts.flatMap((part) => partLines(part, firewall !== undefined)),
  ]);
}

/** The facts that a host uses to decide whether it may receive secrets: its operating system. */
export function renderSecretsManifest({ os }: HostState): string {
  return text([`format ${FORMAT}`, osLine(os)]);
}

function osLine({ family, version }: HostState["os"]): string {
  return `os ${family} ${version}`;
}

function partLines(part: HostPart, firewall: boolean): readonly string[] {
  return [
    `part ${part.name}`,
    ...part.packages.map((name) => `package ${name}`),
    ...(part.version === undefined ? [] : [`version ${part.name} ${part.version}`]),
    ...part.files.map(({ path, mode, usedBy, secret }) => `${secret === true ? "secret" : "file"} ${mode} ${usedBy} ${path}`),
    ...part.beforeLive.map((path) => `before-live ${path}`),
    ...part.seBooleans.map((name) => `sebool ${name}`),
    ...lines("ends", part.ends),
    ...lines("interface", part.interface),
    ...(part.virtualAddresses ?? []).map((address) => `virtual-address ${address}`),
    ...(firewall ? part.openings.map(openLine) : []),
    ...(firewall ? lines("forward", part.forwards) : []),
    ...part.services.map((name) => `service ${name}`),
    ...part.listens.map((port) => `listen ${port}`),
    ...(part.members === undefined
      ? []
      : [`stats-port ${part.members.statsPort}`, `members-up-within ${part.members.upWithin}`]),
  ];
}

function lines(word: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [`${word} ${value}`];
}

function openLine({ to, from }: Opening): string {
  return `open ${to === "vrrp" ? to : `tcp ${to}`}${from === undefined ? "" : ` from ${from}`}`;
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}
