import { HostFile } from "./host-file";

/**
 * rsyslog's rules for HAProxy's log. They include a listener, because by default rsyslog does not listen on UDP 514.
 * Without a listener, the two `local0` rules would log nothing (measured). Debian's haproxy package puts its own rules
 * at the same path. This file replaces them, so no line is logged twice.
 */
const rsyslog = (port: number, byTcp: boolean): string => `# Written by cdktf-exchange-balancer.
module(load="imudp")
input(type="imudp" address="127.0.0.1" port="${port}" ruleset="haproxy")
${byTcp ? `module(load="imtcp")
input(type="imtcp" address="127.0.0.1" port="${port}" ruleset="haproxy")
` : ""}
ruleset(name="haproxy") {
    local0.* action(type="omfile" file="/var/log/haproxy.log" fileGroup="adm" fileCreateMode="0640")
    local0.notice action(type="omfile" file="/var/log/haproxy-notice.log" fileGroup="adm" fileCreateMode="0640")
}

# HAProxy also prints its members' health to the journal: keep those lines out of the system's log
if $programname == "haproxy" and ($msg contains "Health check for " or $msg contains " is UP" or $msg contains " is DOWN" or $msg contains "has no server available") then stop
`;

const LOGROTATE = `# Written by cdktf-exchange-balancer.
/var/log/haproxy.log /var/log/haproxy-notice.log {
    daily
    rotate 14
    missingok
    notifempty
    compress
    delaycompress
    sharedscripts
    postrotate
        systemctl kill --kill-who=main --signal=HUP rsyslog.service >/dev/null 2>&1 || true
    endscript
}
`;

/**
 * The rules that make rsyslog write HAProxy's log lines to log files, and the logrotate configuration for these log
 * files.
 */
export function loggingFiles(port: number, byTcp: boolean): readonly HostFile[] {
  return [
    { path: "/etc/rsyslog.d/49-haproxy.conf", mode: "0644", usedBy: "rsyslog", content: rsyslog(port, byTcp) },
    { path: "/etc/logrotate.d/haproxy", mode: "0644", usedBy: "none", content: LOGROTATE },
  ];
}
