import { ASIDE_FILE, EVENT_FILE } from "../../lib/host/failover-units";
import { readGolden } from "../support/golden";
import { SYSTEMS } from "../support/systems";

/** The programs by which a process gets its SELinux domain: systemd starts the first, and each program starts the next. */
export type Chain = readonly string[];

/**
 * The object that a process accesses: a path, a TCP port, another process, or the process itself. The policy decides by
 * the object's label.
 */
export type Target =
  | { readonly path: string }
  | { readonly port: number }
  | { readonly process: Chain }
  | { readonly self: true };

/** Permissions that a process needs so that a balancer works under SELinux. */
export interface Question {
  readonly who: Chain;
  /** The object's class in the policy, such as `file`. */
  readonly kind: string;
  readonly permissions: readonly string[];
  readonly to: Target;
}

const HAPROXY: Chain = ["/usr/sbin/haproxy"];
const KEEPALIVED: Chain = ["/usr/sbin/keepalived"];
const CHECK: Chain = ["/usr/sbin/keepalived", "/usr/libexec/keepalived/haproxy-check"];
/** The shell that runs the commands of ExecStartPost= and ExecStopPost=. */
const UNIT_SHELL: Chain = ["/usr/bin/sh"];
const TMPFILES: Chain = ["/usr/bin/systemd-tmpfiles"];
const RSYSLOG: Chain = ["/usr/sbin/rsyslogd"];
const LOGROTATE: Chain = ["/usr/sbin/logrotate"];
const SYSTEMD: Chain = [];

const READ = ["open", "read", "getattr"];
const WRITE = ["open", "write", "getattr"];

/**
 * Which programs read the delivered files. Each entry has a pattern for paths and a Chain; the last program of the
 * Chain reads the files whose paths match the pattern.
 */
const READERS: readonly (readonly [RegExp, Chain])[] = [
  [/^\/etc\/haproxy\//, HAPROXY],
  [/^\/etc\/keepalived\//, KEEPALIVED],
  [/^\/etc\/keepalived\/pair$/, CHECK],
  [/^\/etc\/tmpfiles\.d\//, TMPFILES],
  [/^\/etc\/systemd\//, SYSTEMD],
  [/^\/etc\/rsyslog\.d\//, RSYSLOG],
  [/^\/etc\/logrotate\.d\//, LOGROTATE],
];

/** The questions that are always asked, whatever files and ports a delivery has. */
const ALWAYS: readonly Question[] = [
  { who: HAPROXY, kind: "file", permissions: READ, to: { path: "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem" } },
  { who: HAPROXY, kind: "dir", permissions: ["search", "write", "add_name", "remove_name"], to: { path: "/var/lib/haproxy" } },
  { who: HAPROXY, kind: "sock_file", permissions: ["create", "rename", "setattr", "unlink"], to: { path: "/var/lib/haproxy/stats" } },
  { who: HAPROXY, kind: "capability", permissions: ["setuid", "setgid", "sys_chroot", "net_bind_service", "net_admin", "net_raw"], to: { self: true } },
  // The log goes to rsyslog on 127.0.0.1, or to the journal by standard output.
  { who: HAPROXY, kind: "udp_socket", permissions: ["create", "connect", "write"], to: { self: true } },
  { who: RSYSLOG, kind: "file", permissions: ["create", "open", "append"], to: { path: "/var/log/haproxy.log" } },
  { who: LOGROTATE, kind: "file", permissions: ["rename", "create", "getattr"], to: { path: "/var/log/haproxy.log" } },
  // track_file: a file that keepalived cannot open it takes for 0 without a word.
  { who: KEEPALIVED, kind: "dir", permissions: ["search", "watch"], to: { path: EVENT_FILE.replace(/\/[^/]*$/, "") } },
  { who: KEEPALIVED, kind: "file", permissions: [...READ, "watch"], to: { path: EVENT_FILE } },
  { who: KEEPALIVED, kind: "file", permissions: [...READ, "execute"], to: { path: "/usr/libexec/keepalived/haproxy-check" } },
  { who: KEEPALIVED, kind: "process", permissions: ["signal", "sigkill", "transition"], to: { process: CHECK } },
  { who: KEEPALIVED, kind: "capability", permissions: ["net_admin", "net_raw", "setuid", "setgid"], to: { self: true } },
  { who: KEEPALIVED, kind: "rawip_socket", permissions: ["create", "bind", "read", "write"], to: { self: true } },
  { who: UNIT_SHELL, kind: "file", permissions: WRITE, to: { path: EVENT_FILE } },
  { who: CHECK, kind: "file", permissions: WRITE, to: { path: EVENT_FILE } },
  { who: CHECK, kind: "file", permissions: WRITE, to: { path: ASIDE_FILE } },
  { who: CHECK, kind: "tcp_socket", permissions: ["name_connect"], to: { port: 8404 } },
  { who: CHECK, kind: "tcp_socket", permissions: ["name_connect"], to: { port: 8405 } },
  { who: TMPFILES, kind: "dir", permissions: ["create", "setattr", "relabelto"], to: { path: EVENT_FILE.replace(/\/[^/]*$/, "") } },
  { who: TMPFILES, kind: "file", permissions: ["create", "write", "setattr", "relabelto"], to: { path: EVENT_FILE } },
];

/**
 * All questions: those about each file that a RHEL-family host gets in a golden case, those about each port in the
 * haproxy.cfg of these hosts, and those in ALWAYS.
 */
export function questions(): Question[] {
  const el = new Set(SYSTEMS.map(({ name }) => name).filter((name) => name.startsWith("AlmaLinux")));
  const landings = [...readGolden(SYSTEMS.map(({ name }) => name)).values()].flat().filter(({ system }) => el.has(system));
  const paths = [...new Set(landings.map(({ path }) => path))].sort();
  const configs = landings.filter(({ path }) => path === "/etc/haproxy/haproxy.cfg").map(({ content }) => content ?? "").join("\n");
  const ports = (pattern: RegExp): number[] => [...new Set([...configs.matchAll(pattern)].map(([, port]) => Number(port)))].sort((a, b) => a - b);
  return [
    ...paths.flatMap((path) => READERS.filter(([where]) => where.test(path)).map(([, who]): Question => ({ who, kind: "file", permissions: READ, to: { path } }))),
    ...ports(/^\s*(?:bind|stats socket)\s+\S*:(\d+)/gm).map((port): Question => ({ who: HAPROXY, kind: "tcp_socket", permissions: ["name_bind"], to: { port } })),
    ...ports(/^\s*server\s+\S+\s+\S*:(\d+)/gm).map((port): Question => ({ who: HAPROXY, kind: "tcp_socket", permissions: ["name_connect"], to: { port } })),
    ...ALWAYS,
  ];
}
