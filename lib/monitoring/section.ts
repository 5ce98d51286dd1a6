import { section, when } from "../haproxy/section";
import { METRICS_CONNECTIONS, METRICS_FRONTEND, MonitoringModel } from "./model";

/**
 * The frontend for Prometheus and for HAProxy's status page. `exporter` says whether this HAProxy has a built-in
 * Prometheus exporter.
 */
export function metricsFrontend(model: MonitoringModel, exporter: boolean): string {
  const { address, port, certificate, allowFile, password, statusPageWritable } = model;
  return section(`frontend ${METRICS_FRONTEND}`, [
    {
      comment: "transparent: HAProxy can start before the host has this address",
      lines: [
        "mode http",
        `bind ${address}:${port} transparent${certificate === undefined ? "" : ` ssl ${certificate} alpn http/1.1`}`,
        `maxconn ${METRICS_CONNECTIONS}`,
        "option dontlog-normal",
        "timeout client 30s",
        "timeout http-request 5s",
      ],
    },
    {
      comment: "close each connection after its response: after a reload, an open connection would reach the old process",
      lines: ["option httpclose"],
    },
    {
      comment: "only these clients may connect",
      lines: [`acl monitoring_networks src -f ${allowFile}`, "tcp-request connection reject if !monitoring_networks"],
    },
    {
      comment: "the password is in a file that only root can read",
      lines: when(
        password,
        "acl monitoring_password lua.exchange_balancer_authorized -m str yes",
        "http-request auth realm exchange-balancer if !monitoring_password",
      ),
    },
    {
      comment: "HAProxy's own metrics (/metrics), and the metrics of members and host (/metrics/exchange)",
      lines: [
        `http-request use-service ${exporter ? "prometheus-exporter" : "lua.haproxy_metrics"} if { path /metrics }`,
        "http-request use-service lua.exchange_balancer_metrics if { path /metrics/exchange }",
      ],
    },
    {
      comment: `HAProxy's status page${statusPageWritable ? "" : ", read-only"}`,
      lines: ["stats enable", "stats uri /", "stats refresh 10s", "stats show-legends", ...when(statusPageWritable, "stats admin if TRUE")],
    },
  ]);
}
