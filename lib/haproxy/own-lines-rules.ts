import { wordsOf } from "./words";

/** The kind of section to which the user adds a line. `own` is a section that the user adds. */
export type Place = "global" | "defaults" | "frontend" | "backend" | "own";

/** Names and ports that this library already uses. The user's lines must not use them. */
export interface Taken {
  /**
   * The names of this library's ACLs in the section to which the user adds a line. A further line for one of these ACLs
   * could let more clients through.
   */
  readonly acls: ReadonlySet<string>;
  /** The ports that this library uses on the host. */
  readonly ports: ReadonlySet<number>;
}

/** The keywords that begin a section, or that HAProxy reads before all sections. */
const SECTIONS = new Set([
  "global", "defaults", "frontend", "backend", "listen", "userlist", "peers", "mailers", "resolvers", "cache", "program", "ring", "http-errors", "log-forward", "log-profile",
  "fcgi-app", "crt-store", "crt-list", "traces", "acme", "namespace_list", "include",
]);

const PROP = (prop: string): string => `use the prop ${prop}`;
const PROMISE = "this library's own lines depend on this keyword";

const each = (prefix: string, names: readonly string[], why: string): Readonly<Record<string, string>> => Object.fromEntries<string>(names.map((name) => [`${prefix} ${name}`, why]));

/** The keywords that are refused in the section `global`, each with the reason. */
const GLOBAL: Readonly<Record<string, string>> = {
  user: PROMISE, group: PROMISE, uid: PROMISE, gid: PROMISE, chroot: PROMISE, daemon: PROMISE, nbproc: PROMISE, pidfile: PROMISE, "master-worker": PROMISE, noreuseport: PROMISE,
  maxconn: PROP("maxconn"), "hard-stop-after": PROP("hardStopAfter"), "tune.bufsize": PROP("maxHeaderBytes"), "tune.http.maxhdr": PROMISE, "max-spread-checks": PROMISE,
  "stats socket": "this library adds the sockets that it needs: one for the command exchange-balancer, one for keepalived's check", "stats bind-process": PROMISE,
  "ssl-server-verify": "the members' certificates must be verified; add your own CA with the prop rootCas",
  "unix-bind": PROMISE, debug: PROMISE,
  "insecure-fork-wanted": "HAProxy must start no program", "insecure-setuid-wanted": "HAProxy must start no program", "external-check": "HAProxy must start no program",
};

const KEEP_ALIVE = "NTLM and Kerberos authenticate a whole connection, so a connection to a member must stay open and belong to one client";
const HEALTH = "Exchange's health pages and greetings decide whether a member is up; use the props healthPath and healthCheck";
const COMMON: Readonly<Record<string, string>> = {
  mode: PROMISE, disabled: PROMISE, enabled: PROMISE, id: PROMISE, "bind-process": PROMISE, "log-format": "docs/log.md and programs that read the log depend on this library's log format", dispatch: PROMISE, transparent: PROMISE,
  retries: PROP("retries"), maxconn: PROP("maxconn"), "http-reuse": KEEP_ALIVE, cookie: "Exchange 2013 and later need no persistence by cookie", appsession: PROMISE,
  "default-server": HEALTH, "http-check": HEALTH, "tcp-check": HEALTH, "external-check": HEALTH, stats: "use Monitoring.prometheus(), which has the status page on the node's own address",
  "monitor-uri": PROMISE, "monitor-net": PROMISE, monitor: PROMISE, "declare capture": "the log refers to captures by their numbers, and a further capture would change the numbers", from: PROMISE,
  "load-server-state-from-file": "the stack decides which members serve",
  ...each("timeout", ["client", "client-hs", "server", "connect", "queue", "check", "http-request", "http-keep-alive"], "set this timeout with one of the props timeouts, clientTimeout, serverTimeout, idleTimeout"),
  ...each("option", ["httpclose", "forceclose", "http-server-close", "http-tunnel", "http-keep-alive", "prefer-last-server", "http-pretend-keepalive", "idle-close-on-response"], KEEP_ALIVE),
  ...each(
    "option",
    ["accept-invalid-http-request", "accept-invalid-http-response", "accept-unsafe-violations-in-http-request", "accept-unsafe-violations-in-http-response"],
    "requests that HAProxy and IIS might read differently must not reach Exchange",
  ),
  ...each("option", ["httpchk", "tcp-check", "smtpchk", "ssl-hello-chk", "ldap-check", "mysql-check", "pgsql-check", "redis-check", "spop-check", "external-check", "log-health-checks"], HEALTH),
  ...each("option", ["redispatch", "allbackups", "h1-case-adjust-bogus-client", "h1-case-adjust-bogus-server", "forwardfor", "httplog", "tcplog", "transparent", "http_proxy"], PROMISE),
};

const REQUEST = "the members must get the method and path that the rules have checked";
const RULES = ["http-request", "http-response", "tcp-request connection", "tcp-request session", "tcp-request content"];
const FRONT: Readonly<Record<string, string>> = {
  default_backend: PROMISE, "stick-table": "a frontend can have only one stick-table, and the limits for client addresses need it", "tcp-request inspect-delay": PROMISE,
  ...RULES.map((rules) => ({
    ...each(rules, ["set-src", "set-src-port", "expect-proxy", "expect-netscaler-cip"], "allow lists and limits depend on the client's address"),
    ...each(rules, ["set-path", "set-pathq", "set-uri", "replace-path", "replace-pathq", "replace-uri", "normalize-uri", "set-method"], REQUEST),
  })).reduce((all, some) => ({ ...all, ...some })),
};

const BACK: Readonly<Record<string, string>> = {
  ...FRONT, balance: "use the prop balance", "hash-type": PROMISE, server: "set the members with dag.members", "server-template": "set the members with dag.members", "use-server": PROMISE,
};

const BY_PLACE: Readonly<Record<Place, Readonly<Record<string, string>>>> = {
  global: GLOBAL,
  defaults: { ...COMMON, ...FRONT },
  frontend: { ...COMMON, ...FRONT },
  backend: { ...COMMON, ...BACK },
  own: {},
};

/** Matches actions that set a variable or a counter of this library's rules. */
const OWN_VARIABLE = /(set-var(-fmt)?|unset-var|capture-req|sc-set-gpt0?)\((proc|sess|txn|req|res)[.](rule|refused|path|directory|sni|query|other|acme)\b/i;
/** Matches actions that change the contents of a file in HAProxy's memory, such as the file of an allow list. */
const OWN_FILE = /^(add|del)-acl\(|^(set|del)-map\(/;

/**
 * Returns the reason why `line` is refused in a section of the kind `place`. Returns undefined if the line is allowed.
 * This function does not check the line's syntax: HAProxy on the host checks the syntax.
 */
export function refusedLine(line: string, place: Place, { acls, ports }: Taken): string | undefined {
  if (line.length > 1000) return "it has more than 1000 characters";
  if (!/^[a-z][a-z0-9_.-]*( |$)/.test(line)) return "it does not begin with a keyword of HAProxy (in lower case, without quotes or backslashes)";
  const words = wordsOf(line);
  if (words === undefined) return "it has an open quote, a backslash at its end, a comment or an environment variable";
  if (words.length > 64) return "HAProxy allows at most 64 words in a line";
  const said = words[0] === "no" || words[0] === "default" ? words.slice(1) : words;
  const [keyword = "", second = "", third = ""] = said;
  if (SECTIONS.has(keyword) && !(keyword === "log-profile" && place !== "own")) return `${keyword} begins another section (to add a section, set haproxyLines.sections)`;
  // HAProxy reads `option "x"` like `option x`, so the quotes are removed before the words are checked.
  const table = BY_PLACE[place];
  const known = [keyword, `${keyword} ${second}`, `${keyword} ${second} ${third}`, `${keyword} ${second.replace(/[(].*/, "")}`].find((words) => Object.hasOwn(table, words));
  if (known !== undefined) return table[known];
  if (place === "own" && words.some((word) => word.startsWith("be_exch2019"))) return "only this library's frontends may lead to Exchange, because other frontends have no allow lists";
  if (place === "frontend" || place === "backend" || place === "defaults") {
    // HAProxy 1.8 has keywords (req…, rsp…) that change a request after all rules.
    if (/^(req|rsp)[a-z]+$/.test(keyword)) return REQUEST;
    if (keyword === "acl" && acls.has(second)) return `${second} is an ACL of this library, and a further line for this ACL could let more clients through`;
    if (words.some((word) => OWN_VARIABLE.test(word))) return "this library's rules use that variable";
    if (words.some((word) => OWN_FILE.test(word) && /_whitelist[.]lst|exch[.]crt-list/.test(word))) return "only a deploy may change the files of allow lists";
    if (keyword === "bind" && words.some((word) => /^accept-(proxy|netscaler-cip)$/.test(word))) return "allow lists and limits depend on the client's address";
  }
  return keyword === "bind" ? refusedBind(second, ports) : undefined;
}

/** Checks the address and port of a bind line. Returns why the line is refused, or undefined if the line is allowed. */
function refusedBind(where: string, ports: ReadonlySet<number>): string | undefined {
  for (const one of where.split(",")) {
    const [, first = "", last = first] = /^(?:ipv[46]@)?(?:[*]|[0-9.]+|\[?[0-9A-Fa-f:]+\]?)?:([0-9]{1,5})(?:-([0-9]{1,5}))?$/.exec(one) ?? [];
    if (first === "") return "bind needs an address or * and a port, such as 127.0.0.1:8081";
    const served = [...ports].find((port) => port >= Number(first) && port <= Number(last));
    if (served !== undefined) return `port ${served} is already in use on this host`;
  }
  return undefined;
}
