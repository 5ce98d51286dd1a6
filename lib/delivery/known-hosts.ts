import { Token } from "cdktf";
import { codeOfKeys, keysIn } from "../validation/host-keys";
import { argument, expression } from "./terraform-text";

/** A host with known keys: a node, or the bastion. */
export interface KnownHost {
  readonly host: string;
  readonly port: number;
  /** The host keys, one on each line, in the form that the rule HOST_KEYS requires. */
  readonly keys: string;
}

/**
 * Returns the value for Terraform's `host_key`. With this value, Terraform accepts only the known keys. Before each ssh
 * connection, Terraform makes a known_hosts file. The file consists of `@cert-authority HOST:PORT ` (HOST is the
 * machine to which Terraform connects) and this value. So the first line of the value must be a key without a host
 * name, and each further line must be a host name and a key.
 *
 * OpenTofu and Terraform before 1.16 ignore `bastion_host_key`. They use this value for the bastion too, so the value
 * also contains the bastion's keys. Terraform then takes the key in the first line for a key of both machines, the host
 * and the bastion. The check of a machine fails if the machine presents another key of the same type. So the first line
 * must be a key of one machine, and the other machine must not present a key of the same type.
 */
export function knownHosts(host: KnownHost, bastion?: KnownHost): string {
  const others = bastion === undefined ? [] : [bastion];
  if ([host, ...others].some(({ keys }) => Token.isUnresolved(keys))) {
    const lists = [`slice(${bastion === undefined ? listOf(host) : codeOfFirst(listOf(host), listOf(bastion))}, 0, 1)`, ...[host, ...others].map(named)];
    return expression(`join("\\n", concat(${lists.join(", ")}))`);
  }
  const own = keysIn(host.keys);
  const first = firstKey(own, bastion === undefined ? [] : keysIn(bastion.keys));
  return [first, ...own.filter((key) => key !== first).map((key) => `${nameOf(host)} ${key}`), ...others.flatMap((other) => keysIn(other.keys).map((key) => `${nameOf(other)} ${key}`))].join("\n");
}

/**
 * The key types in the order in which Terraform's ssh client prefers them. A host presents the first of these keys that
 * it has.
 */
const PREFERRED = ["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa", "ssh-ed25519"] as const;

function firstKey(own: readonly string[], bastions: readonly string[]): string {
  const butShownBy = (keys: readonly string[], others: readonly string[]): readonly string[] => keys.filter((key) => !key.startsWith(`${shown(others) ?? ""} `));
  return [...butShownBy(own, bastions), ...butShownBy(bastions, own), ...own][0] ?? "";
}

/**
 * Whether all known keys of the host and the bastion have the same type. If so, Terraform refuses one of the two
 * machines: the first line of the value can contain a key of only one machine, and the other machine presents another
 * key of the same type.
 */
export function confusable(host: KnownHost, bastion: KnownHost): boolean {
  if (Token.isUnresolved(host.keys) || Token.isUnresolved(bastion.keys)) return false;
  return new Set([...keysIn(host.keys), ...keysIn(bastion.keys)].map((key) => key.split(" ")[0])).size === 1;
}

function shown(keys: readonly string[]): string | undefined {
  return PREFERRED.find((kind) => keys.some((key) => key.startsWith(`${kind} `)));
}

/**
 * The same choice as `firstKey`, as Terraform code. The value of the code is a list whose first entry is the chosen
 * key.
 */
function codeOfFirst(own: string, bastions: string): string {
  const kindOf = (key: string): string => `element(split(" ", ${key}), 0)`;
  const shownBy = (keys: string): string => `slice([for kind in ${JSON.stringify(PREFERRED)} : kind if contains([for key in ${keys} : ${kindOf("key")}], kind)], 0, 1)`;
  const butShownBy = (keys: string, others: string): string => `[for key in ${keys} : key if !contains(${shownBy(others)}, ${kindOf("key")})]`;
  return `concat(${butShownBy(own, bastions)}, ${butShownBy(bastions, own)}, ${own})`;
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
