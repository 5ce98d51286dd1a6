import { failure } from "../validation/errors";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The pieces of apply.sh, in the order in which they are joined. A .awk file is a program that makes one decision, and
 * has its own tests. apply.sh contains it as the shell variable awk_NAME.
 */
const APPLY = [
  "head.sh",
  "run.sh",
  "by-part.awk",
  "manifest.sh",
  "filters.awk",
  "filter-units.awk",
  "filters.sh",
  "lacking-space.awk",
  "system.sh",
  "interfaces.sh",
  "packages.sh",
  "secrets.sh",
  "changes.awk",
  "files.sh",
  "state.sh",
  "before-live.sh",
  "swap.sh",
  "unit-arguments.awk",
  "listeners.awk",
  "services.sh",
  "adopted-ports.awk",
  "adopted-addresses.awk",
  "preferred-addresses.awk",
  "adoption.sh",
  "loaded-arguments.awk",
  "unserved.awk",
  "members.awk",
  "awaited.awk",
  "servers.awk",
  "in-words.awk",
  "servers-in-words.awk",
  "capacity.awk",
  "haproxy.sh",
  "keepalived.sh",
  "pair.sh",
  "rsyslog.sh",
  "routing.sh",
  "trust.sh",
  "selinux.sh",
  "unwanted-openings.awk",
  "openings-there.awk",
  "zone.sh",
  "firewall.sh",
  "shut.awk",
  "firewall-start.sh",
  "undo.sh",
  "recovery.sh",
  "drift.sh",
  "status.sh",
  "leaving.sh",
  "first-boot.sh",
  "main.sh",
];

/** Returns apply.sh, the script that brings a host to its state. It is joined from the pieces in lib/host/apply/. */
export function applyScript(): string {
  return once("apply.sh", () => APPLY.map((name) => (name.endsWith(".awk") ? variable(name) : shellFile(`apply/${name}`))).join("\n"));
}

/**
 * Returns apply.sh without comment lines, for user data. After compression, its size is three quarters of the size of
 * the compressed apply.sh.
 */
export function firstBootScript(): string {
  return once("apply.sh without comments", () => withoutComments(applyScript()));
}

/** Removes comment lines. A here-document in the script, such as a systemd unit, keeps its comments. */
export function withoutComments(script: string): string {
  let end: string | undefined;
  return script
    .split("\n")
    .filter((line) => {
      if (end !== undefined) {
        if (line === end) end = undefined;
        return true;
      }
      end = /<<'?([A-Z]+)'?/.exec(line)?.[1];
      return !/^\s*#(?!!)/.test(line);
    })
    .join("\n");
}

/** Returns haproxy-check.sh, which keepalived runs to check whether HAProxy serves. */
export function haproxyCheckScript(): string {
  return once("haproxy-check.sh", () => shellFile("haproxy-check.sh"));
}

/** Returns certificate-check.sh, which compares the balancer's certificate with the members' certificates. */
export function certificateCheckScript(): string {
  return once("certificate-check.sh", () => shellFile("certificate-check.sh"));
}

function variable(name: string): string {
  // Comments are removed, because they may contain single quotes.
  const program = shellFile(`apply/${name}`).replace(/^\s*#.*\n/gm, "");
  if (program.includes("'")) throw failure(`lib/host/apply/${name} must not contain a single quote, because for the shell, this quote would end the awk program`);
  // For shellcheck: $1 is a field of awk, not an argument.
  return `# shellcheck disable=SC2016\nawk_${name.replace(".awk", "").replaceAll("-", "_")}='\n${program}'\n`;
}

// Reads a shell file from lib/host. This also works from dist/host, because the relative path is the same.
function shellFile(name: string): string {
  return readFileSync(join(__dirname, "..", "..", "lib", "host", name), "utf8");
}

function once(name: string, text: () => string): string {
  const known = texts.get(name) ?? text();
  texts.set(name, known);
  return known;
}

const texts = new Map<string, string>();
