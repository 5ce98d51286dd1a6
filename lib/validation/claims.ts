import { Annotations, Token } from "cdktf";
import { Construct, IConstruct } from "constructs";
import { Network, NetworkMap, canonicalHost, networkOf, networkText } from "./networks";
import { invalid, refused } from "./errors";

/**
 * The things that only one construct of an app may have: a VM, a virtual address, and a router id within one network.
 * Tokens are not compared, because their values are unknown.
 */
interface Claims {
  /** A host -> the path of the construct that has claimed this host. */
  readonly hosts: Map<string, string>;
  /** A virtual address -> the path of the pair that has claimed this address. */
  readonly addresses: Map<string, string>;
  /** For each router id, the networks in which pairs use this id. */
  readonly routers: Map<number, NetworkMap<RouterClaim>>;
}

interface RouterClaim {
  readonly pair: string;
  readonly network: Network;
  /** Whether the prefix length is known. If false, the network was made with an assumed prefix length of 24. */
  readonly known: boolean;
}

const claims = new WeakMap<IConstruct, Claims>();

function claimsOf(scope: Construct): Claims {
  const found = claims.get(scope.node.root) ?? { hosts: new Map<string, string>(), addresses: new Map<string, string>(), routers: new Map<number, NetworkMap<RouterClaim>>() };
  claims.set(scope.node.root, found);
  return found;
}

/**
 * Claims the VM at `host` for the construct `scope`. Two constructs for one VM would overwrite each other's files.
 *
 * @throws if another construct of the app has the VM, or if a pair has the address as a virtual address
 */
export function claimHost(scope: Construct, host: string): void {
  if (Token.isUnresolved(host)) return;
  const { hosts, addresses } = claimsOf(scope);
  const where = scope.node.path;
  const other = hosts.get(canonicalHost(host));
  if (other !== undefined && other !== where) throw refused(where, `host must be different from the host of ${other}, got ${JSON.stringify(host)} for both`);
  const pair = addresses.get(canonicalHost(host));
  if (pair !== undefined) throw invalid(where, "host", `different from the virtual addresses of ${pair}`, host);
  hosts.set(canonicalHost(host), where);
}

/** Addresses of a pair that move together. */
export interface VirtualAddresses {
  readonly routerId: number;
  /** The addresses, with or without a prefix length. */
  readonly addresses: readonly string[];
  readonly ipv6Addresses: readonly string[];
}

/**
 * Claims virtual addresses and their router id for the pair `scope`. `prefix` stands before the props' names in errors.
 *
 * @throws if another pair of the app has one of the addresses, if another pair in the same network has the router id,
 * or if a host has one of the addresses
 */
export function claimVirtualAddresses(scope: Construct, { routerId, addresses, ipv6Addresses }: VirtualAddresses, prefix = ""): void {
  for (const address of addresses) claimAddress(scope, `${prefix}virtualAddresses`, address);
  for (const address of ipv6Addresses) claimAddress(scope, `${prefix}virtualIpv6Addresses`, address);
  // VRRP runs over IPv4, so only the IPv4 addresses determine the network.
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
    throw refused(where, `${prop} must differ from the virtual addresses of ${other}, got ${JSON.stringify(bare)} for both`);
  }
  const host = hosts.get(own);
  if (host !== undefined) throw invalid(where, prop, `different from the host of ${host}`, bare);
  addresses.set(own, where);
}

function claimRouterId(scope: Construct, prop: string, routerId: number, address: string): void {
  if (Token.isUnresolved(address)) return;
  const { routers } = claimsOf(scope);
  // Without a prefix length, the network is unknown. This code then assumes 24 bits, the usual length.
  const mine: RouterClaim = { pair: scope.node.path, network: networkOf(address, 24), known: address.includes("/") };
  const claimed = routers.get(routerId) ?? new NetworkMap<RouterClaim>();
  const others = claimed.overlapping(mine.network).filter(({ pair }) => pair !== mine.pair);
  routers.set(routerId, claimed);
  claimed.add(mine.network, mine);
  const sentence = (other: RouterClaim): string =>
    `${prop} must be different from the router id of ${other.pair} in the same network (${networkText(mine.network)}), got ${routerId} for both`;
  const same = others.find(({ network, known }) => known && mine.known && network.prefix === mine.network.prefix);
  if (same !== undefined) throw refused(scope.node.path, sentence(same));
  const [other] = others;
  if (other === undefined) return;
  Annotations.of(scope).addWarning(
    `${sentence(other)} [${scope.node.path}]; if the pairs are in two networks, add the prefix lengths to the virtual addresses`,
  );
}
