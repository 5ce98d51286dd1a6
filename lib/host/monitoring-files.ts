import { HostFile } from "./host-file";
import { toolFile } from "./tool-file";

/** The systemd service that writes the metrics that HAProxy itself does not provide. */
export const COLLECTOR_SERVICE = "exchange-balancer-metrics";

/** Returns the text of a file in lib/host/tools, or an expression for this text. */
export type ToolText = (name: string) => string;

const TOOLS = "/usr/libexec/cdktf-exchange-balancer";

/**
 * The collector is a service and not a timer: it checks the virtual addresses every 5 s, and systemd would write three
 * journal lines for each run of a timer. When the service stops, systemd removes the metrics, so that nobody reads old
 * values.
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

/** The program that collects metrics, and its systemd unit. */
export function collectorFiles(text: ToolText): readonly HostFile[] {
  return [
    { path: `/etc/systemd/system/${COLLECTOR_SERVICE}.service`, mode: "0644", usedBy: "systemd", content: UNIT },
    tool(text, "metrics-collect", "metrics-collect.sh", COLLECTOR_SERVICE),
    ...["keepalived-journal.awk", "vrrp-metrics.awk", "openings-missing.awk"].map((name) => tool(text, name, name, COLLECTOR_SERVICE)),
  ];
}

/** The command `exchange-balancer` for administrators, and its awk programs. */
export function onCallFiles(text: ToolText): readonly HostFile[] {
  return [
    { ...tool(text, "exchange-balancer", "exchange-balancer.sh"), path: "/usr/sbin/exchange-balancer" },
    ...["keepalived-conf.awk", "members.awk", "members-table.awk", "last-member.awk", "bans.awk", "sessions.awk"].map((name) => tool(text, name, name)),
  ];
}

/** The Lua functions that HAProxy runs when Prometheus reads the metrics. */
export function metricsLua(path: string): HostFile {
  return { path, mode: "0644", usedBy: "haproxy", content: toolFile("metrics.lua") };
}

/** The Lua code that HAProxy uses to recognize password guessing. */
export function guardLua(path: string): HostFile {
  return { path, mode: "0644", usedBy: "haproxy", content: toolFile("guard.lua") };
}

function tool(text: ToolText, name: string, file: string, usedBy: HostFile["usedBy"] = "none"): HostFile {
  return { path: `${TOOLS}/${name}`, mode: name.endsWith(".awk") ? "0644" : "0755", usedBy, content: text(file) };
}
