import { metricsFrontend } from "../../lib/monitoring/section";

const model = { address: "10.12.8.11", port: 9101, allowFile: "/etc/haproxy/list", password: false, statusPageWritable: false };

test("the metrics port listens on the host's own address and accepts only clients on the allow list", () => {
  expect(metricsFrontend(model, true)).toBe(`frontend fe_metrics
    # transparent: HAProxy can start before the host has this address
    mode http
    bind 10.12.8.11:9101 transparent
    maxconn 20
    option dontlog-normal
    timeout client 30s
    timeout http-request 5s

    # close each connection after its response: after a reload, an open connection would reach the old process
    option httpclose

    # only these clients may connect
    acl monitoring_networks src -f /etc/haproxy/list
    tcp-request connection reject if !monitoring_networks

    # HAProxy's own metrics (/metrics), and the metrics of members and host (/metrics/exchange)
    http-request use-service prometheus-exporter if { path /metrics }
    http-request use-service lua.exchange_balancer_metrics if { path /metrics/exchange }

    # HAProxy's status page, read-only
    stats enable
    stats uri /
    stats refresh 10s
    stats show-legends
`);
});

test("if HAProxy has no Prometheus exporter, a Lua service answers at the path /metrics", () => {
  expect(metricsFrontend(model, false)).toContain("use-service lua.haproxy_metrics if { path /metrics }");
});

test("the metrics port has a password, TLS and a writable status page if the model has these three options", () => {
  const text = metricsFrontend({ ...model, certificate: "crt /etc/haproxy/exch.pem", password: true, statusPageWritable: true }, true);
  expect(text).toContain("bind 10.12.8.11:9101 transparent ssl crt /etc/haproxy/exch.pem alpn http/1.1\n");
  expect(text.indexOf("http-request auth")).toBeLessThan(text.indexOf("use-service"));
  expect(text).toContain("stats admin if TRUE");
});
