import { HostFile } from "./host-file";

/**
 * The file in which systemd notes that haproxy has ended. keepalived watches this file. It is on a file system that is
 * empty after a boot. The SELinux policy of the RHEL family lets keepalived read and watch files below
 * `/run/keepalived*` (keepalived_var_run_t). keepalived reads 0 from a file that it cannot read, without a message.
 */
export const EVENT_FILE = "/run/keepalived-exchange-balancer/haproxy-ended";

/** The user that runs keepalived's scripts. It may correct the note. */
const SCRIPT_USER = "haproxy";

/**
 * The file with the reason why the node leaves the address to the other node; empty if the node does not leave it.
 * haproxy-check writes this file, for people and for apply.sh.
 */
export const ASIDE_FILE = "/run/keepalived-exchange-balancer/aside";

/**
 * Creates the folder and the files at boot, before keepalived starts, because keepalived cannot watch a file in a
 * folder that does not exist. The first value can be 0 although haproxy has not started, because keepalived also waits
 * for the first successful check.
 */
const TMPFILES = `# Written by cdktf-exchange-balancer.
d /run/keepalived-exchange-balancer 0755 root root -
f ${EVENT_FILE} 0644 ${SCRIPT_USER} ${SCRIPT_USER} - 0
f ${ASIDE_FILE} 0644 ${SCRIPT_USER} ${SCRIPT_USER} - this node has just started
`;

/** The same as TMPFILES, without the note about haproxy. */
const PAIR_TMPFILES = `# Written by cdktf-exchange-balancer.
d /run/keepalived-exchange-balancer 0755 root root -
f ${ASIDE_FILE} 0644 ${SCRIPT_USER} ${SCRIPT_USER} - this node has just started
`;

const TMPFILES_PATH = "/etc/tmpfiles.d/exchange-balancer.conf";

/**
 * ExecStopPost runs after a stop, after a crash, and after a start that failed, but not after a reload. With "-",
 * haproxy continues even if the note cannot be written.
 */
const HAPROXY = `# Written by cdktf-exchange-balancer: tells keepalived at once when haproxy ends.
[Unit]
# Restart a failed haproxy without end: the other node serves meanwhile.
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=500ms
ExecStartPost=-/bin/sh -c 'echo 0 >${EVENT_FILE}'
ExecStopPost=-/bin/sh -c 'echo 1 >${EVENT_FILE}'
`;

/**
 * If keepalived is killed, the address stays on the node. The next keepalived removes the address, or keeps it as
 * master.
 */
const KEEPALIVED = `# Written by cdktf-exchange-balancer: restarts a killed keepalived at once, because it leaves its address behind.
[Unit]
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=100ms
`;

const DROP_IN = "50-exchange-balancer.conf";

/** The systemd settings that tell keepalived when haproxy ends, and that restart both after a crash. */
export function failoverUnits(): readonly HostFile[] {
  return [
    { path: TMPFILES_PATH, mode: "0644", usedBy: "systemd", content: TMPFILES },
    { path: `/etc/systemd/system/haproxy.service.d/${DROP_IN}`, mode: "0644", usedBy: "systemd", content: HAPROXY },
    keepalivedRestart(),
  ];
}

/**
 * The tmpfiles.d file for `Failover.article()`, which has no event file. At boot, it creates only the file in which
 * haproxy-check writes why the node leaves the address to the other node.
 */
export function pairNote(): HostFile {
  return { path: TMPFILES_PATH, mode: "0644", usedBy: "systemd", content: PAIR_TMPFILES };
}

export function keepalivedRestart(): HostFile {
  return { path: `/etc/systemd/system/keepalived.service.d/${DROP_IN}`, mode: "0644", usedBy: "systemd", content: KEEPALIVED };
}
