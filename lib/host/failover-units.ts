import { HostFile } from "./host-file";

/**
 * Where systemd notes that haproxy ended, for keepalived to follow. On a disk that is empty after a boot. The RHEL
 * family's SELinux policy lets keepalived read and watch what lies below `/run/keepalived*` (keepalived_var_run_t); a
 * file that it cannot read, it takes for 0 without a word.
 */
export const EVENT_FILE = "/run/keepalived-exchange-balancer/haproxy-ended";

/** Who may put the note right: the user that keepalived's scripts run as. */
const SCRIPT_USER = "haproxy";

/** Why the node leaves the address to the other one; empty where it does not. Written by haproxy-check, for people and for apply.sh. */
export const ASIDE_FILE = "/run/keepalived-exchange-balancer/aside";

/**
 * The folder and the file at boot, before keepalived starts: it follows no file in
 * a folder that is not there. 0 is no lie although haproxy has not started:
 * keepalived also waits for its check's first success.
 */
const TMPFILES = `# Written by cdktf-exchange-balancer.
d /run/keepalived-exchange-balancer 0755 root root -
f ${EVENT_FILE} 0644 ${SCRIPT_USER} ${SCRIPT_USER} - 0
f ${ASIDE_FILE} 0644 ${SCRIPT_USER} ${SCRIPT_USER} - this node has just started
`;

/** As above, without the note of haproxy's end. */
const PAIR_TMPFILES = `# Written by cdktf-exchange-balancer.
d /run/keepalived-exchange-balancer 0755 root root -
f ${ASIDE_FILE} 0644 ${SCRIPT_USER} ${SCRIPT_USER} - this node has just started
`;

const TMPFILES_PATH = "/etc/tmpfiles.d/exchange-balancer.conf";

/**
 * ExecStopPost runs after a stop, a crash and a start that failed alike, and not at
 * a reload. "-": haproxy is not to be ended because a note could not be written.
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

/** A keepalived that is killed leaves the address behind; the next one takes it away, or holds it by right. */
const KEEPALIVED = `# Written by cdktf-exchange-balancer: restarts a killed keepalived at once, because it leaves its address behind.
[Unit]
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=100ms
`;

const DROP_IN = "50-exchange-balancer.conf";

/** What makes systemd tell keepalived of haproxy's end, and start again what was killed. */
export function failoverUnits(): readonly HostFile[] {
  return [
    { path: TMPFILES_PATH, mode: "0644", usedBy: "systemd", content: TMPFILES },
    { path: `/etc/systemd/system/haproxy.service.d/${DROP_IN}`, mode: "0644", usedBy: "systemd", content: HAPROXY },
    keepalivedRestart(),
  ];
}

/** What haproxy-check writes to, where systemd notes nothing. */
export function pairNote(): HostFile {
  return { path: TMPFILES_PATH, mode: "0644", usedBy: "systemd", content: PAIR_TMPFILES };
}

export function keepalivedRestart(): HostFile {
  return { path: `/etc/systemd/system/keepalived.service.d/${DROP_IN}`, mode: "0644", usedBy: "systemd", content: KEEPALIVED };
}
