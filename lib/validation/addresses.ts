import { matching, Rule } from "./rule";

/**
 * Rules for IP addresses. They accept only spellings that HAProxy, keepalived, firewalld and Terraform read in the same
 * way. Leading zeros are refused: Terraform's functions read `010.0.0.1` as 10.0.0.1, but HAProxy reads it as 8.0.0.1.
 * IPv4 inside IPv6 (`::ffff:10.0.0.1`) is refused, because such an address never matches a client in HAProxy.
 */
const OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
const V4 = `${OCTET}([.]${OCTET}){3}`;
const H = "[0-9A-Fa-f]{1,4}";
const V6 = [
  `(${H}:){7}${H}`,
  `(${H}:){1,7}:`,
  ...[1, 2, 3, 4, 5, 6].map((after) => `(${H}:){1,${7 - after}}(:${H}){1,${after}}`),
  `:(:${H}){1,7}`,
  "::",
].map((form) => `(${form})`).join("|");

const IPV4 = new RegExp(`^${V4}$`);
const IPV6 = new RegExp(`^(${V6})$`);
const IPV4_NETWORK = new RegExp(`^${V4}[/](3[0-2]|[12]?[0-9])$`);
const IPV6_NETWORK = new RegExp(`^(${V6})[/](12[0-8]|1[01][0-9]|[1-9]?[0-9])$`);

/**
 * Addresses that no host can have, with or without a prefix length. IPv4: 0.0.0.0/8 ("this network"), multicast,
 * reserved and broadcast. IPv6: unspecified and multicast.
 */
const NO_HOST_V4 = /^(0|22[4-9]|2[3-5][0-9])[.]/;
const NO_HOST_V6 = /^([0:]+|[fF][fF][0-9A-Fa-f]{2}:.*)([/].*)?$/;
const LOOPBACK_V4 = /^127[.]/;
const LOOPBACK_V6 = /^[0:]*:0*1([/].*)?$/;
const LINK_LOCAL_V4 = /^169[.]254[.]/;
const LINK_LOCAL_V6 = /^[fF][eE][89abAB][0-9A-Fa-f]:/;

const form = (pattern: RegExp): Rule => matching("", pattern);

/** A rule for values that match `rule`, but none of the excluded patterns. */
export function without(expected: string, rule: Rule, ...excluded: readonly RegExp[]): Rule {
  return {
    expected,
    test: (value) => rule.test(value) && !excluded.some((pattern) => pattern.test(value)),
    condition: (value) => `(${[rule.condition(value), ...excluded.map((pattern) => `!${form(pattern).condition(value)}`)].join(" && ")})`,
  };
}

export function either(expected: string, ...rules: readonly Rule[]): Rule {
  return {
    expected,
    test: (value) => rules.some((rule) => rule.test(value)),
    condition: (value) => `(${rules.map((rule) => rule.condition(value)).join(" || ")})`,
  };
}

const both = (expected: string, ...rules: readonly Rule[]): Rule => ({
  expected,
  test: (value) => rules.every((rule) => rule.test(value)),
  condition: (value) => `(${rules.map((rule) => rule.condition(value)).join(" && ")})`,
});

/** An IPv4 or IPv6 address of one host, including loopback. */
export const ADDRESS = either(
  "a unicast IPv4 or IPv6 address without leading zeros",
  without("", form(IPV4), NO_HOST_V4),
  without("", form(IPV6), NO_HOST_V6),
);

/** An address that other hosts can use to reach a host. */
export const UNICAST = either(
  "a unicast IPv4 or IPv6 address, not loopback or link-local, without leading zeros",
  without("", form(IPV4), NO_HOST_V4, LOOPBACK_V4, LINK_LOCAL_V4),
  without("", form(IPV6), NO_HOST_V6, LOOPBACK_V6, LINK_LOCAL_V6),
);

const UNICAST_V4 = without("", UNICAST, /:/);
const UNICAST_V6 = without("", UNICAST, /[.]/);

/** Like `UNICAST`, but only for IPv4 addresses. */
export const IPV4_HOST: Rule = { ...UNICAST_V4, expected: "an IPv4 address, not loopback or link-local, without leading zeros" };
/** Like `UNICAST`, but only for IPv6 addresses. */
export const IPV6_HOST: Rule = { ...UNICAST_V6, expected: "an IPv6 address, not loopback or link-local, without leading zeros" };

/** Terraform code that removes the prefix length from an address. */
const bare = (value: string): string => `element(split("/", ${value}), 0)`;

/** An address as a number. */
function numberOf(address: string): bigint {
  if (!address.includes(":")) return address.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const [head = "", tail] = address.split("::");
  const groups = (text: string | undefined): string[] => (text === undefined || text === "" ? [] : text.split(":"));
  const [front, back] = [groups(head), groups(tail)];
  const zeros = Array<string>(8 - front.length - back.length).fill("0");
  return [...front, ...(tail === undefined ? [] : zeros), ...back].reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
}

interface Network {
  /** The host bits of the address as a number. The host bits are the bits after the network's prefix. */
  readonly hostBits: bigint;
  /** The number of host bits. */
  readonly bits: number;
}

function networkOf(value: string): Network {
  const [address = "", prefix = ""] = value.split("/");
  const bits = (address.includes(":") ? 128 : 32) - Number(prefix);
  return { hostBits: numberOf(address) % (1n << BigInt(bits)), bits };
}

/** A rule for the first address of a network. */
const FIRST: Rule = {
  expected: "",
  test: (value) => networkOf(value).hostBits === 0n,
  condition: (value) => `cidrhost(${value}, 0) == ${canonical(bare(value))}`,
};

/** A rule for the last address of a network. */
const LAST: Rule = {
  expected: "",
  test: (value) => networkOf(value).hostBits === (1n << BigInt(networkOf(value).bits)) - 1n,
  condition: (value) => `cidrhost(${value}, -1) == ${canonical(bare(value))}`,
};

/** Terraform code that turns all spellings of an address into the same spelling. */
export function canonical(code: string): string {
  return `try(cidrhost(join("/", [${code}, length(regexall(":", ${code})) > 0 ? "128" : "32"]), 0), ${code})`;
}

/** Turns all spellings of a known address into the same spelling, and changes other text to lower case. */
export function spelling(value: string): string {
  return form(IPV6).test(value) ? `v6:${numberOf(value).toString(16)}` : value.toLowerCase();
}

/**
 * Whether an address is in the network of another address. Also true if this network is unknown. The network is unknown
 * if the other address has no prefix length, or has the prefix length of a single address (/32, /128).
 */
export const inNetworkOf = {
  known: (address: string, other: string): boolean => {
    const [first = "", prefix] = other.split("/");
    if (prefix === undefined || first.includes(":") !== address.includes(":")) return true;
    const bits = BigInt((first.includes(":") ? 128 : 32) - Number(prefix));
    return bits === 0n || numberOf(first) >> bits === numberOf(address) >> bits;
  },
  token: (address: string, other: string): string => {
    const length = `element(split("/", ${other}), 1)`;
    return `(length(split("/", ${other})) < 2 || contains(["32", "128"], ${length}) || try(cidrhost(${other}, 0) == cidrhost(join("/", [${address}, ${length}]), 0), true))`;
  },
};

const not = (rule: Rule): Rule => ({ expected: "", test: (value) => !rule.test(value), condition: (value) => `!(${rule.condition(value)})` });

/** A network: its first address and its prefix length. `0.0.0.0/0` and `::/0` mean everyone. */
const CIDR = both(
  "",
  either("", form(IPV4_NETWORK), form(IPV6_NETWORK)),
  either("", form(/^(0[.]0[.]0[.]0|[0:]+)[/]0$/), without("", form(/./), NO_HOST_V4, NO_HOST_V6)),
  // Before Terraform 1.13, && evaluates both sides. So this side must return false for text that is not a network.
  { expected: "", test: FIRST.test, condition: (value) => `try(${FIRST.condition(value)}, false)` },
);

/** An entry of an allow list. */
export const NETWORK = either(
  "an IP address, such as 10.8.5.17, or a CIDR network that is written with its first address, such as 10.8.5.0/24",
  ADDRESS,
  CIDR,
);

/**
 * An address with a prefix length. It must not be the first address of its network. If `last` is true, it must not be
 * the last address either. If the text matches `small`, the first and the last address are allowed.
 */
function inNetwork(form: RegExp, address: RegExp[], last: boolean, small: RegExp): Rule {
  const edge = either("", FIRST, ...(last ? [LAST] : []));
  return both(
    "",
    without("", matching("", form), ...address),
    either("", matching("", small), { expected: "", test: not(edge).test, condition: (value) => `try(${not(edge).condition(value)}, false)` }),
  );
}

/** A virtual IPv4 address, with or without a prefix length. */
export const VIRTUAL_ADDRESS = either(
  "an IPv4 address of a host, not loopback or link-local, alone or with its prefix length, such as 10.12.8.15/24",
  UNICAST_V4,
  inNetwork(new RegExp(`^${V4}[/](3[0-2]|[12][0-9]|[1-9])$`), [NO_HOST_V4, LOOPBACK_V4, LINK_LOCAL_V4], true, /[/]3[12]$/),
);

/** A virtual IPv6 address, with or without a prefix length. */
export const VIRTUAL_IPV6_ADDRESS = either(
  "an IPv6 address of a host, not loopback or link-local, alone or with its prefix length, such as 2001:db8::15/64",
  UNICAST_V6,
  inNetwork(new RegExp(`^(${V6})[/](12[0-8]|1[01][0-9]|[1-9][0-9]?)$`), [NO_HOST_V6, LOOPBACK_V6, LINK_LOCAL_V6], false, /[/]12[78]$/),
);

/** An address of the balancers that clients connect to. */
export const SERVED_ADDRESS: Rule = { ...UNICAST, expected: "an IPv4 or IPv6 address of the balancers, without prefix length, not loopback or link-local" };

/** The address from which a node sends VRRP. */
export const VRRP_ADDRESS: Rule = {
  ...UNICAST_V4,
  expected: "an IPv4 address of the node in the virtual addresses' network (the default is the node's host)",
};
