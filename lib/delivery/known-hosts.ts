import { Token } from "cdktf";
import { codeOfKeys, keysIn } from "../validation/host-keys";
import { argument, expression } from "./terraform-text";

/** A host with known keys: a node, or the bastion. */
export interface KnownHost {
  readonly host: string;
  readonly port: number;
  /** The keys, in the form that HOST_KEYS checks. */
  readonly keys: string;
}

/**
 * The text for Terraform's `host_key` that pins all keys of a host. Terraform writes `@cert-authority HOST:PORT ` and
 * this text to a known_hosts file. So the first line has no host name, and the other lines need one. Terraform before
 * 1.16 and OpenTofu ignore bastion_host_key, and check the bastion against the same file, so the file also contains the
 * bastion's keys. The first line then applies to both hosts, so it must be a key of a type that the other host does not
 * present.
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

/** The key types in the order of preference of Terraform's ssh client. A host presents its first key in this order. */
const PREFERRED = ["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa", "ssh-ed25519"] as const;

function firstKey(own: readonly string[], bastions: readonly string[]): string {
  const butShownBy = (keys: readonly string[], others: readonly string[]): readonly string[] => keys.filter((key) => !key.startsWith(`${shown(others) ?? ""} `));
  return [...butShownBy(own, bastions), ...butShownBy(bastions, own), ...own][0] ?? "";
}

/** Whether all known keys of both hosts have the same type. If so, no key that is written first works for both. */
export function confusable(host: KnownHost, bastion: KnownHost): boolean {
  if (Token.isUnresolved(host.keys) || Token.isUnresolved(bastion.keys)) return false;
  return new Set([...keysIn(host.keys), ...keysIn(bastion.keys)].map((key) => key.split(" ")[0])).size === 1;
}

function shown(keys: readonly string[]): string | undefined {
  return PREFERRED.find((kind) => keys.some((key) => key.startsWith(`${kind} `)));
}

/** `firstKey` as Terraform code. The code gives a list; the first entry of the list is the first key. */
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
