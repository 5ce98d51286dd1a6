import { isIP } from "node:net";

/**
 * What a value must be: a sentence for the person who reads the error, a test
 * for values known now, and the same test as a Terraform condition for tokens.
 * Patterns hold no backslash and no quote, so that they mean the same in
 * JavaScript, in RE2 and inside a Terraform string.
 */
export interface Rule {
  readonly expected: string;
  readonly test: (value: string) => boolean;
  /** Gets and gives code of Terraform's. */
  readonly condition: (value: string) => string;
}

function matching(expected: string, pattern: RegExp): Rule {
  return {
    expected,
    test: (value) => pattern.test(value),
    condition: (value) => `can(regex("${pattern.source}", ${value}))`,
  };
}

function either(expected: string, ...rules: readonly Rule[]): Rule {
  return {
    expected,
    test: (value) => rules.some((rule) => rule.test(value)),
    condition: (value) =>
      rules.map((rule) => rule.condition(value)).reduce((a, b) => `(${a} || ${b})`),
  };
}

const LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";

/** A CIDR network in the only spelling that HAProxy and firewalld both read. */
function isCidr(value: string): boolean {
  const [address, prefix, ...rest] = value.split("/");
  if (address === undefined || prefix === undefined || rest.length > 0) return false;
  const family = isIP(address);
  return family !== 0 && /^(0|[1-9][0-9]{0,2})$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128);
}

/** An IPv4 or IPv6 address. */
export const ADDRESS: Rule = {
  expected: "an IPv4 or IPv6 address",
  // A zone (fe80::1%eth0) is an IP to node, but none of the configs can take it.
  test: (value) => isIP(value) !== 0 && !value.includes("%"),
  condition: (value) => `can(cidrhost(join("/", [${value}, "0"]), 0))`,
};

const CIDR: Rule = {
  expected: "a CIDR network",
  test: isCidr,
  condition: (value) => `can(cidrhost(${value}, 0))`,
};

/** An entry of an allow list. */
export const NETWORK = either("an IP address or a CIDR network, such as 10.8.5.17/32", ADDRESS, CIDR);

const ANY_VIRTUAL_ADDRESS = either("", ADDRESS, CIDR);

const VIRTUAL_FORM = /^[0-9.]+([/][1-9][0-9]?)?$/;

/** A virtual address, with or without a prefix length; VRRPv2 carries IPv4 alone. */
export const VIRTUAL_ADDRESS: Rule = {
  expected: "an IPv4 address, or one with a prefix length, such as 10.12.8.15/24",
  test: (value) => ANY_VIRTUAL_ADDRESS.test(value) && VIRTUAL_FORM.test(value),
  condition: (value) => `(${ANY_VIRTUAL_ADDRESS.condition(value)} && can(regex("${VIRTUAL_FORM.source}", ${value})))`,
};

const VIRTUAL_IPV6_FORM = /^[0-9A-Fa-f.]*:[0-9A-Fa-f.:]*([/][1-9][0-9]{0,2})?$/;

/** A virtual IPv6 address, with or without a prefix length. */
export const VIRTUAL_IPV6_ADDRESS: Rule = {
  expected: "an IPv6 address, or one with a prefix length, such as 2001:db8::15/64",
  test: (value) => ANY_VIRTUAL_ADDRESS.test(value) && VIRTUAL_IPV6_FORM.test(value),
  condition: (value) => `(${ANY_VIRTUAL_ADDRESS.condition(value)} && can(regex("${VIRTUAL_IPV6_FORM.source}", ${value})))`,
};

const IPV4_FORM = /^[0-9.]+$/;

/** Where VRRP is spoken from and to. */
export const VRRP_ADDRESS: Rule = {
  expected: "an IPv4 address of the node in the virtual addresses' network (the node's host where not set)",
  test: (value) => isIP(value) === 4,
  condition: (value) => `(${ADDRESS.condition(value)} && can(regex("${IPV4_FORM.source}", ${value})))`,
};

/** A program on a host. */
export const PROGRAM = matching("the absolute path of a program on the nodes, such as /usr/local/sbin/tell-me", /^([/][A-Za-z0-9_][A-Za-z0-9_.-]*)+$/);

const LABELS = new RegExp(`^${LABEL}([.]${LABEL})*$`);
const LETTER = /[A-Za-z]/;

/** A DNS name (RFC 1123). One without a letter is a mistyped address: 10.12.8.300. */
export const DNS_NAME: Rule = {
  expected: "a DNS name, such as mail.mydomain.local",
  test: (value) => LABELS.test(value) && LETTER.test(value),
  condition: (value) => `(can(regex("${LABELS.source}", ${value})) && can(regex("${LETTER.source}", ${value})))`,
};

/** Where something listens. */
export const HOST = either("a DNS name or an IP address", ADDRESS, DNS_NAME);

/** A name inside haproxy.cfg or keepalived.conf. */
export const CONFIG_NAME = matching(
  "a letter or digit followed by up to 62 letters, digits, dots, dashes or underscores",
  /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/,
);

/** A network interface, as `ip link` names it. */
export const INTERFACE = matching(
  "a network interface of at most 15 characters, such as ens192",
  /^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/,
);

/** A user name on a host. */
export const USER = matching("a user name of the host, such as root", /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/);

/**
 * keepalived cuts auth_pass at 8 characters, and a blank, a quote or a comment
 * sign ends it earlier (measured: shared with the peer it would no longer match).
 */
export const VRRP_PASSWORD = matching(
  "1 to 8 letters, digits or any of . _ + = : , / ^ & * - (keepalived cuts auth_pass at 8 characters)",
  /^[0-9A-Za-z._+=:,/^&*-]{1,8}$/,
);

/** The name of an HTTP header field. */
export const HEADER_NAME = matching("the name of an HTTP header", /^[A-Za-z][A-Za-z0-9-]{0,63}$/);

/**
 * A header's value, written into haproxy.cfg inside double quotes: `%` would
 * begin a log-format variable, `$` an environment variable, a backslash an escape.
 */
export const HEADER_VALUE = matching(
  "printable text without double quote, backslash, % or $",
  /^[A-Za-z0-9 ._~:/?#@!&'()*+,;=|<>{}^`-]{1,512}$/,
);

/** A path in a health check: nothing in it needs escaping in a config. */
export const HEALTH_PATH = matching("a path such as /owa/healthcheck.htm", /^([/][A-Za-z0-9._~-]+)+$/);

/** A folder at the root of Exchange's web site. */
export const DIRECTORY_PATH = matching("one path segment, such as /api", /^[/][A-Za-z0-9][A-Za-z0-9._-]{0,62}$/);

/** A path of a file on the machine that runs Terraform. */
export const LOCAL_PATH = matching(
  "a path without quote, backslash, $, % or line break",
  /^[A-Za-z0-9 ._~:/@!&()*+,;=^-]+$/,
);

/** An SSH public key as known_hosts carries it: type and key, no host name before them. */
export const HOST_KEY = matching(
  "a public host key such as \"ssh-ed25519 AAAA…\" (ssh-keyscan prints it after the host's name)",
  /^[a-z0-9@.-]{3,64} [A-Za-z0-9+/=]{16,}( [A-Za-z0-9@._-]{1,128})?$/,
);
