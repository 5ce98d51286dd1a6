import { readFileSync } from "node:fs";
import { join } from "node:path";

/** apply.sh, which brings a host to its state. */
export function applyScript(): string {
  return shellFile("apply.sh");
}

/** haproxy-check.sh, which keepalived runs to ask whether HAProxy serves. */
export function haproxyCheckScript(): string {
  return shellFile("haproxy-check.sh");
}

/** certificate-check.sh, which compares the balancer's certificate with the members'. */
export function certificateCheckScript(): string {
  return shellFile("certificate-check.sh");
}

// The shell files are shipped as they are: shellcheck reads what runs. Seen
// from lib/host and from dist/host alike.
function shellFile(name: string): string {
  const text = read.get(name) ?? readFileSync(join(__dirname, "..", "..", "lib", "host", name), "utf8");
  read.set(name, text);
  return text;
}

const read = new Map<string, string>();
