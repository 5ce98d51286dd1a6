import { HostState } from "./host-state";
import { libraryVersion } from "./library-version";
import { HostPart, Opening } from "./part";

/**
 * The version of the manifest's format. If you increase it, the next deploy checks all hosts and delivers to them
 * again, even if no file has changed. A version of this library whose FORMAT is lower can then no longer deploy to
 * these hosts.
 */
const FORMAT = 2;

/**
 * Renders the host's state as lines for apply.sh, without the contents of files. A Terraform plan shows these lines, so
 * they read as a list of what the host gets. The lines after `part NAME` belong to the part NAME, up to the next `part`
 * line.
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

/**
 * Renders the lines that apply.sh compares with a host before the host may receive secrets: the version of the
 * manifest's format, and the operating system.
 */
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
