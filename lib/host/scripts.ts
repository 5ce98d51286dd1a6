import { failure } from "../validation/errors";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * apply.sh by theme, in the order in which the pieces are joined. A piece that ends in .awk decides something and is
 * tested by itself; in the script it is a variable, awk_<its name>.
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

/** apply.sh, which brings a host to its state: one script of the pieces in lib/host/apply/. */
export function applyScript(): string {
  return once("apply.sh", () => APPLY.map((name) => (name.endsWith(".awk") ? variable(name) : shellFile(`apply/${name}`))).join("\n"));
}

/** apply.sh as user data has it: without the lines that are comments, a third of what it is when packed. */
export function firstBootScript(): string {
  return once("apply.sh without comments", () => withoutComments(applyScript()));
}

/** Text within the script, such as the unit that watches over a boot, keeps its comments. */
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

/** haproxy-check.sh, which keepalived runs to ask whether HAProxy serves. */
export function haproxyCheckScript(): string {
  return once("haproxy-check.sh", () => shellFile("haproxy-check.sh"));
}

/** certificate-check.sh, which compares the balancer's certificate with the members'. */
export function certificateCheckScript(): string {
  return once("certificate-check.sh", () => shellFile("certificate-check.sh"));
}

function variable(name: string): string {
  // Its comments are for whoever reads the piece, and may hold the quotes that a program must not.
  const program = shellFile(`apply/${name}`).replace(/^\s*#.*\n/gm, "");
  if (program.includes("'")) throw failure(`lib/host/apply/${name} must hold no single quote: the shell would read it as the program's end`);
  // shellcheck: the $1 in it are awk's.
  return `# shellcheck disable=SC2016\nawk_${name.replace(".awk", "").replaceAll("-", "_")}='\n${program}'\n`;
}

// The shell files are shipped as they are. Seen from lib/host and from dist/host alike.
function shellFile(name: string): string {
  return readFileSync(join(__dirname, "..", "..", "lib", "host", name), "utf8");
}

function once(name: string, text: () => string): string {
  const known = texts.get(name) ?? text();
  texts.set(name, known);
  return known;
}

const texts = new Map<string, string>();
