import { HostFile } from "./host-file";

/**
 * The file in which systemd notes whether haproxy has ended (1) or runs (0). keepalived watches this file. /run is
 * empty after a boot. The path begins with `/run/keepalived`, because the SELinux policy of the RHEL family lets
 * keepalived read and watch such files (keepalived_var_run_t). If keepalived cannot read the file, it silently uses the
 * value 0.
 */
export const EVENT_FILE = "/run/keepalived-exchange-balancer/haproxy-ended";

/**
 * The user that runs keepalived's scripts, such as haproxy-check. EVENT_FILE belongs to this user, because haproxy-check
 * writes 0 into EVENT_FILE if haproxy runs although the file says that it has ended.
 */
const SCRIPT_USER = "haproxy";

/**
 * The file that says why this node leaves the virtual addresses to the other node. It is empty if this node may take
 * the addresses. haproxy-check writes the file. People and apply.sh read it.
 */
export const ASIDE_FILE = "/run/keepalived-exchange-balancer/aside";

/**
 * Creates EVENT_FILE, ASIDE_FILE and the folder of these two files at boot, before keepalived starts, because
 * keepalived cannot watch a file in a folder that does not exist. EVENT_FILE starts with 0, as if haproxy ran.
 * keepalived nevertheless does not take the address too early, because it also waits for the first successful check.
 */
const TMPFILES = `# Written by cdktf-exchange-balancer.
d /run/keepalived-exchange-balancer 0755 root root -
f ${EVENT_FILE} 0644 ${SCRIPT_USER} ${SCRIPT_USER} - 0
f ${ASIDE_FILE} 0644 ${SCRIPT_USER} ${SCRIPT_USER} - this node has just started
`;

/** The same as TMPFILES, but without EVENT_FILE. */
const PAIR_TMPFILES = `# Written by cdktf-exchange-balancer.
d /run/keepalived-exchange-balancer 0755 root root -
f ${ASIDE_FILE} 0644 ${SCRIPT_USER} ${SCRIPT_USER} - this node has just started
`;

const TMPFILES_PATH = "/etc/tmpfiles.d/exchange-balancer.conf";

/**
 * ExecStopPost runs after a stop, after a crash, and after a failed start, but not after a reload. The "-" before a
 * command makes systemd ignore a failure of this command: haproxy runs even if the command cannot write EVENT_FILE.
 */
const HAPROXY = `# Written by cdktf-exchange-balancer: tells keepalived immediately when haproxy ends.
[Unit]
# Restart a failed haproxy without a limit. The other node serves meanwhile.
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=500ms
ExecStartPost=-/bin/sh -c 'echo 0 >${EVENT_FILE}'
ExecStopPost=-/bin/sh -c 'echo 1 >${EVENT_FILE}'
`;

/**
 * If keepalived is killed, its virtual address stays on the node. The restarted keepalived removes the address, or
 * keeps it if this node becomes master.
 */
const KEEPALIVED = `# Written by cdktf-exchange-balancer: restarts keepalived immediately after a crash. The crashed keepalived leaves its virtual address on this node.
[Unit]
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=100ms
`;

const DROP_IN = "50-exchange-balancer.conf";

/** The systemd files that tell keepalived when haproxy ends, and that restart haproxy and keepalived after a crash. */
export function failoverUnits(): readonly HostFile[] {
  return [
    { path: TMPFILES_PATH, mode: "0644", usedBy: "systemd", content: TMPFILES },
    { path: `/etc/systemd/system/haproxy.service.d/${DROP_IN}`, mode: "0644", usedBy: "systemd", content: HAPROXY },
    keepalivedRestart(),
  ];
}

/**
 * The tmpfiles.d file for a pair with `Failover.article()`. This profile does not use EVENT_FILE, so systemd creates
 * only ASIDE_FILE and its folder at boot.
 */
export function pairNote(): HostFile {
  return { path: TMPFILES_PATH, mode: "0644", usedBy: "systemd", content: PAIR_TMPFILES };
}

export function keepalivedRestart(): HostFile {
  return { path: `/etc/systemd/system/keepalived.service.d/${DROP_IN}`, mode: "0644", usedBy: "systemd", content: KEEPALIVED };
}
