import { ADDRESS, either, UNICAST, without } from "./addresses";
import { Rule, matching, short } from "./rule";

export type { Rule } from "./rule";
export { ADDRESS, IPV4_HOST, IPV6_HOST, NETWORK, SERVED_ADDRESS, UNICAST, VIRTUAL_ADDRESS, VIRTUAL_IPV6_ADDRESS, VRRP_ADDRESS } from "./addresses";
export { HOST_KEYS } from "./host-keys";

const LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";

/**
 * The path of a program on a host. The path's length is limited: keepalived cuts a line of its config after about 1000
 * bytes, and the line also contains the program's arguments.
 */
export const PROGRAM = short(
  "the absolute path of a program on the nodes, such as /usr/local/sbin/tell-me, of at most 512 characters",
  512,
  /^([/][A-Za-z0-9_][A-Za-z0-9_.-]*)+$/,
);

const LABELS = new RegExp(`^${LABEL}([.]${LABEL})*$`);
/**
 * The last label of a name must contain a letter (RFC 3696). Otherwise the name is a mistyped address, such as
 * 10.12.8.300.
 */
const LAST_LABEL = /(^|[.])[A-Za-z0-9-]*[A-Za-z][A-Za-z0-9-]*$/;
/** A hexadecimal number, which inet_aton reads as an address. */
const HEXADECIMAL = /(^|[.])0[xX][0-9A-Fa-f]*$/;

/** A DNS name (RFC 1123). */
export const DNS_NAME = without(
  "a DNS name of at most 253 characters, such as mail.mydomain.local",
  short("", 253, LABELS, LAST_LABEL),
  HEXADECIMAL,
);

/** The address that Terraform uses to connect to a host. */
export const HOST = either("a DNS name or a unicast IP address without leading zeros", ADDRESS, DNS_NAME);

const LOCALHOST = "[Ll][Oo][Cc][Aa][Ll][Hh][Oo][Ss][Tt]([.][Ll][Oo][Cc][Aa][Ll][Dd][Oo][Mm][Aa][Ii][Nn])?";

/** The address that the balancers use to connect to another host. `localhost` is refused: it is the balancer itself. */
export const OTHER_HOST = either(
  "a DNS name or a unicast IP address, not loopback or link-local, without leading zeros",
  UNICAST,
  without("", DNS_NAME, new RegExp(`^(${LOCALHOST})$`)),
);

const PORT = "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";

const WITH_PORT = new RegExp(`^[A-Za-z0-9.-]+(:${PORT})?$`);

/**
 * The server that answers ACME challenges. A literal without a port is completed with port 80, and a token is not. If
 * its value has no port, HAProxy connects to port 80 all the same, because it uses the port on which clients connect.
 */
export const ACME_RESPONDER: Rule = {
  expected: "a DNS name or IPv4 address with a port, such as 10.12.8.40:80 (port 80 may be left out, but not in a token)",
  test: (value) => WITH_PORT.test(value) && HOST.test(value.replace(/:.*/, "")),
  condition: (value) => `(${matching("", WITH_PORT).condition(value)} && ${HOST.condition(`element(split(":", ${value}), 0)`)})`,
};

/** Any server except port 80 of the balancer itself, where HAProxy would send requests to itself in an endless loop. */
export const NOT_ITSELF = without(
  "a server other than port 80 of loopback, because HAProxy itself listens there",
  matching("", /./),
  new RegExp(`^(127[.][0-9.]*|${LOCALHOST})(:80)?$`),
);

/** A name in haproxy.cfg or keepalived.conf. */
export const CONFIG_NAME = matching(
  "a letter or digit followed by up to 62 letters, digits, dots, dashes or underscores",
  /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/,
);

/** The purpose of a mail service, such as `relay`. The names of HAProxy's sections contain the purpose. */
export const SERVICE_ROLE = matching("a word of at most 20 lower-case letters, digits and dashes that begins with a letter, such as relay", /^[a-z][a-z0-9-]{0,19}$/);

/** One line of a config: without line breaks, and without invisible blanks at the ends. */
export const CONFIG_LINE = matching("one line of printable ASCII text without a blank at either end", /^[!-~]([ -~]*[!-~])?$/);

/** A network interface, as `ip link` names it. The interface lo is refused: no other host reaches addresses on lo. */
export const INTERFACE = without(
  "a network interface such as ens192, but not lo, with a name of at most 15 characters",
  matching("", /^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/),
  /^lo$/,
);

/** A firewalld zone. */
export const FIREWALL_ZONE = matching("the name of a firewalld zone, such as internal", /^[A-Za-z0-9_][A-Za-z0-9_-]{0,16}$/);

/** A time in the form that the hosts print. */
export const MOMENT = matching(
  "a time in UTC such as 2026-11-26T21:04:11Z",
  /^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$/,
);

/** A user name on a host. */
export const USER = matching("a user name of the host, such as root", /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/);

/**
 * The VRRP password. keepalived cuts auth_pass after 8 characters, or earlier at a blank, a quote or a comment sign. If
 * only one of the two nodes cuts the password, the nodes' passwords do not match (measured).
 */
export const VRRP_PASSWORD = matching(
  "1 to 8 letters, digits or any of . _ + = : , / ^ & * - (keepalived cuts auth_pass at 8 characters)",
  /^[0-9A-Za-z._+=:,/^&*-]{1,8}$/,
);

/** The name of an HTTP header field. */
export const HEADER_NAME = matching("the name of an HTTP header", /^[A-Za-z][A-Za-z0-9-]{0,63}$/);

/**
 * The value of an HTTP header. It is written into haproxy.cfg in double quotes, so `%`, `$` and backslash are refused:
 * HAProxy would read them as a log-format variable, an environment variable and an escape.
 */
export const HEADER_VALUE = matching(
  "printable text without double quote, backslash, % or $",
  /^[A-Za-z0-9 ._~:/?#@!&'()*+,;=|<>{}^`-]{1,512}$/,
);

/** The name of an attack pattern, for `rule=attack-NAME` in the log. */
export const ATTACK_NAME = matching("1 to 32 lower-case letters, digits and dashes, beginning with a letter or digit", /^[a-z0-9][a-z0-9-]{0,31}$/);

/**
 * The text that an attack pattern looks for in a URL. haproxy.cfg contains the bytes of the text in hexadecimal, so no
 * character has a special meaning.
 */
export const ATTACK_TEXT = matching("3 to 40 printable ASCII characters without blanks", /^[!-~]{3,40}$/);

/** An HTTP method. */
export const METHOD_NAME = matching("the name of an HTTP method, such as PROPFIND", /^[A-Z][A-Z_-]{0,31}$/);

/** The path of a health page. No character of the path needs escaping in a config. */
export const HEALTH_PATH = matching("a path such as /owa/healthcheck.htm", /^([/][A-Za-z0-9._~-]+)+$/);

/** A folder at the root of Exchange's web site. */
export const DIRECTORY_PATH = matching("one path segment, such as /api", /^[/][A-Za-z0-9][A-Za-z0-9._-]{0,62}$/);

/** A path of a file on the machine that runs Terraform. */
export const LOCAL_PATH = matching(
  "a path without quote, backslash, $, % or line break",
  /^[A-Za-z0-9 ._~:/@!&()*+,;=^-]+$/,
);

/** The command that a host runs to get a secret at its first boot. */
export const SECRET_COMMAND = matching("a shell command of printable ASCII text that prints the secret", /^[\t\n -~]*[!-~][\t\n -~]*$/);

/** An ssh certificate: the text of a file `…-cert.pub`. */
export const SSH_CERTIFICATE = matching(
  "the text of an ssh certificate, such as the content of id_ed25519-cert.pub (ssh-ed25519-cert-v01@openssh.com AAAA...)",
  /^(ssh-(ed25519|rsa)|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519|sk-ecdsa-sha2-nistp256)-cert-v01@openssh[.]com +AAAA[A-Za-z0-9+/]+=*( .*)?[^ -~]{0,2}$/,
);

/** Selects a key of the ssh agent: by the key's comment, or by the path of its file. */
export const AGENT_IDENTITY = matching(
  "the comment of a key, as `ssh-add -L` shows it, or the absolute path of its file",
  /^[A-Za-z0-9 ._~:/@+=,()-]+$/,
);
