import { Annotations, Token } from "cdktf";
import { Construct, IConstruct } from "constructs";
import { Network, NetworkMap, canonicalHost, networkOf, networkText } from "./networks";
import { invalid, refused } from "./errors";

/**
 * What only one construct of an app may have: a VM, a virtual address, and in one network a router id. What is a token
 * is not known here, and is not compared.
 */
interface Claims {
  /** The path of the construct that looks after each host. */
  readonly hosts: Map<string, string>;
  /** The path of the pair that has each virtual address. */
  readonly addresses: Map<string, string>;
  /** By router id. */
  readonly routers: Map<number, NetworkMap<RouterClaim>>;
}

interface RouterClaim {
  readonly pair: string;
  readonly network: Network;
  /** False where no prefix length was given, and one of 24 was assumed. */
  readonly known: boolean;
}

const claims = new WeakMap<IConstruct, Claims>();

function claimsOf(scope: Construct): Claims {
  const found = claims.get(scope.node.root) ?? { hosts: new Map<string, string>(), addresses: new Map<string, string>(), routers: new Map<number, NetworkMap<RouterClaim>>() };
  claims.set(scope.node.root, found);
  return found;
}

/**
 * Claims the VM at `host` for `scope`: two constructs on one VM would write over each other's files.
 *
 * @throws if another construct of the app has it, or a pair has the address as a virtual one
 */
export function claimHost(scope: Construct, host: string): void {
  if (Token.isUnresolved(host)) return;
  const { hosts, addresses } = claimsOf(scope);
  const where = scope.node.path;
  const other = hosts.get(canonicalHost(host));
  if (other !== undefined && other !== where) throw refused(where, `host must be different from that of ${other}, got ${JSON.stringify(host)} for both`);
  const pair = addresses.get(canonicalHost(host));
  if (pair !== undefined) throw invalid(where, "host", `different from the virtual addresses of ${pair}`, host);
  hosts.set(canonicalHost(host), where);
}

/** Addresses of a pair that move together. */
export interface VirtualAddresses {
  readonly routerId: number;
  /** With or without a prefix length. */
  readonly addresses: readonly string[];
  readonly ipv6Addresses: readonly string[];
}

/**
 * Claims virtual addresses and their router id for the pair `scope`. `prefix` is what the props' names begin with.
 *
 * @throws if another pair of the app has one of the addresses or, in the same network, the router id, or if a host has one
 */
export function claimVirtualAddresses(scope: Construct, { routerId, addresses, ipv6Addresses }: VirtualAddresses, prefix = ""): void {
  for (const address of addresses) claimAddress(scope, `${prefix}virtualAddresses`, address);
  for (const address of ipv6Addresses) claimAddress(scope, `${prefix}virtualIpv6Addresses`, address);
  // VRRP is spoken over IPv4, so the IPv4 addresses say which network it is spoken in.
  for (const address of addresses) claimRouterId(scope, `${prefix}virtualRouterId`, routerId, address);
}

function claimAddress(scope: Construct, prop: string, address: string): void {
  if (Token.isUnresolved(address)) return;
  const { hosts, addresses } = claimsOf(scope);
  const where = scope.node.path;
  const [bare = ""] = address.split("/");
  const own = canonicalHost(bare);
  const other = addresses.get(own);
  if (other !== undefined && other !== where) {
    throw refused(where, `${prop} must differ from those of ${other}, got ${JSON.stringify(bare)} for both`);
  }
  const host = hosts.get(own);
  if (host !== undefined) throw invalid(where, prop, `different from the host of ${host}`, bare);
  addresses.set(own, where);
}

function claimRouterId(scope: Construct, prop: string, routerId: number, address: string): void {
  if (Token.isUnresolved(address)) return;
  const { routers } = claimsOf(scope);
  // Without a prefix length nobody can say which network it is; most are of 24 bits.
  const mine: RouterClaim = { pair: scope.node.path, network: networkOf(address, 24), known: address.includes("/") };
  const claimed = routers.get(routerId) ?? new NetworkMap<RouterClaim>();
  const others = claimed.overlapping(mine.network).filter(({ pair }) => pair !== mine.pair);
  routers.set(routerId, claimed);
  claimed.add(mine.network, mine);
  const sentence = (other: RouterClaim): string =>
    `${prop} must be different from that of ${other.pair} in the same network (${networkText(mine.network)}), got ${routerId} for both`;
  const same = others.find(({ network, known }) => known && mine.known && network.prefix === mine.network.prefix);
  if (same !== undefined) throw refused(scope.node.path, sentence(same));
  const [other] = others;
  if (other === undefined) return;
  Annotations.of(scope).addWarning(
    `${sentence(other)} [${scope.node.path}]; if they are in two networks, give the virtual addresses their prefix lengths`,
  );
}
