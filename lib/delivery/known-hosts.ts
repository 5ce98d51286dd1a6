import { Token } from "cdktf";
import { codeOfKeys, keysIn } from "../validation/host-keys";
import { argument, expression } from "./terraform-text";

/** A host whose keys are known: one node, or the bastion before it. */
export interface KnownHost {
  readonly host: string;
  readonly port: number;
  /** Text that is as HOST_KEYS wants it. */
  readonly keys: string;
}

/**
 * The text for `host_key` that pins all keys of a host. Terraform writes `@cert-authority HOST:PORT ` and this text
 * to a known_hosts file, so the first line has no name and the others have one. Terraform before 1.16 and OpenTofu
 * hold the same file against the bastion (they ignore bastion_host_key), so its keys have to be in there, too.
 */
export function knownHosts(host: KnownHost, bastion?: KnownHost): string {
  const others = bastion === undefined ? [] : [bastion];
  if ([host, ...others].some(({ keys }) => Token.isUnresolved(keys))) {
    const lists = [`slice(${listOf(host)}, 0, 1)`, ...[host, ...others].map(named)];
    return expression(`join("\\n", concat(${lists.join(", ")}))`);
  }
  const [first = "", ...rest] = keysIn(host.keys);
  return [first, ...rest.map((key) => `${nameOf(host)} ${key}`), ...others.flatMap((other) => keysIn(other.keys).map((key) => `${nameOf(other)} ${key}`))].join("\n");
}

function listOf({ keys }: KnownHost): string {
  return Token.isUnresolved(keys) ? codeOfKeys(argument(keys)) : `[${keysIn(keys).map(argument).join(", ")}]`;
}

function named(known: KnownHost): string {
  return `[for key in ${listOf(known)} : join(" ", [${argument(nameOf(known))}, key])]`;
}

function nameOf({ host, port }: KnownHost): string {
  return port === 22 ? host : `[${host}]:${port}`;
}
