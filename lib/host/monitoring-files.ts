import { HostFile } from "./host-file";
import { toolFile } from "./tool-file";

/** The service that writes what HAProxy cannot know about its host. */
export const COLLECTOR_SERVICE = "exchange-balancer-metrics";

/** Gives the text of a file of lib/host/tools, or an expression for it. */
export type ToolText = (name: string) => string;

const TOOLS = "/usr/libexec/cdktf-exchange-balancer";

/**
 * Not a timer: systemd writes three lines to the journal for each run of a timer, and the addresses are looked at
 * every 5 s. What it wrote goes when it stops, so that nobody reads old news.
 */
const UNIT = `# Written by cdktf-exchange-balancer.
[Unit]
Description=Write metrics of this balancer for Prometheus
After=haproxy.service keepalived.service

[Service]
ExecStart=/bin/sh ${TOOLS}/metrics-collect
ExecReload=/bin/kill -HUP $MAINPID
ExecStopPost=/bin/rm -rf /var/lib/haproxy/exchange-balancer
Restart=always
RestartSec=5s
Nice=10
IOSchedulingClass=idle

[Install]
WantedBy=multi-user.target
`;

/** The collector and its unit. */
export function collectorFiles(text: ToolText): readonly HostFile[] {
  return [
    { path: `/etc/systemd/system/${COLLECTOR_SERVICE}.service`, mode: "0644", usedBy: "systemd", content: UNIT },
    tool(text, "metrics-collect", "metrics-collect.sh", COLLECTOR_SERVICE),
    ...["keepalived-journal.awk", "vrrp-metrics.awk", "openings-missing.awk"].map((name) => tool(text, name, name, COLLECTOR_SERVICE)),
  ];
}

/** The command of the person on call, and what it decides by. */
export function onCallFiles(text: ToolText): readonly HostFile[] {
  return [
    { ...tool(text, "exchange-balancer", "exchange-balancer.sh"), path: "/usr/sbin/exchange-balancer" },
    ...["keepalived-conf.awk", "members.awk", "members-table.awk", "last-member.awk", "bans.awk", "sessions.awk"].map((name) => tool(text, name, name)),
  ];
}

/** The functions that HAProxy calls when somebody scrapes. */
export function metricsLua(path: string): HostFile {
  return { path, mode: "0644", usedBy: "haproxy", content: toolFile("metrics.lua") };
}

/** What HAProxy decides by who guesses passwords. */
export function guardLua(path: string): HostFile {
  return { path, mode: "0644", usedBy: "haproxy", content: toolFile("guard.lua") };
}

function tool(text: ToolText, name: string, file: string, usedBy: HostFile["usedBy"] = "none"): HostFile {
  return { path: `${TOOLS}/${name}`, mode: name.endsWith(".awk") ? "0644" : "0755", usedBy, content: text(file) };
}
