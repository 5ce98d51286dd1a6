import { isIP } from "node:net";

/**
 * Turns all spellings of a host into the same spelling. IPv6 addresses get their shortest form (RFC 5952).
 * `::ffff:10.1.1.1` becomes the IPv4 address 10.1.1.1. Names and other text become lower case.
 */
export function canonicalHost(host: string): string {
  if (isIP(host) !== 6 || host.includes("%")) return host.toLowerCase();
  const short = new URL(`http://[${host}]/`).hostname.slice(1, -1);
  const [, high, low] = MAPPED.exec(short) ?? [];
  if (high === undefined || low === undefined) return short;
  return [high, low]
    .map((group) => parseInt(group, 16))
    .flatMap((group) => [group >> 8, group & 255])
    .join(".");
}

const MAPPED = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/** An IPv4 network. */
export interface Network {
  readonly first: number;
  readonly prefix: number;
}

/** The network of an IPv4 address. If the address has no prefix length, the prefix length is `assumed`. */
export function networkOf(address: string, assumed: number): Network {
  const [text = "", length] = address.split("/");
  const prefix = length === undefined ? assumed : Number(length);
  return { first: firstOf(text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0), prefix), prefix };
}

/** True if one network contains the other, or if they are equal. */
export function overlap(one: Network, other: Network): boolean {
  const prefix = Math.min(one.prefix, other.prefix);
  return firstOf(one.first, prefix) === firstOf(other.first, prefix);
}

/** Values, stored by network. */
export class NetworkMap<T> {
  private readonly byPrefix = new Map<number, Map<number, T[]>>();

  public add({ first, prefix }: Network, value: T): void {
    const networks = this.byPrefix.get(prefix) ?? new Map<number, T[]>();
    this.byPrefix.set(prefix, networks);
    networks.set(first, [...(networks.get(first) ?? []), value]);
  }

  /**
   * The values of all stored networks that overlap with `network`. Stored networks with a longer prefix are compared one
   * by one. Stored networks with the same or a shorter prefix are looked up directly.
   */
  public overlapping(network: Network): readonly T[] {
    return [...this.byPrefix].flatMap(([prefix, networks]) => {
      if (prefix <= network.prefix) return networks.get(firstOf(network.first, prefix)) ?? [];
      return [...networks].flatMap(([first, values]) => (overlap({ first, prefix }, network) ? values : []));
    });
  }
}

/** The network as text, such as `10.12.8.0/23`. */
export function networkText({ first, prefix }: Network): string {
  return `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".")}/${prefix}`;
}

function firstOf(bits: number, prefix: number): number {
  const size = 2 ** (32 - prefix);
  return Math.floor(bits / size) * size;
}
