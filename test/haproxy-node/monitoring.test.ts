import { BalancingMode, ExchangeBalancerProps, Monitoring, PrometheusOptions } from "cdktf-exchange-balancer";
import { hostFiles } from "cdktf-exchange-balancer/testing";
import { HOST_KEY, balancerStack, secret, synth, variable } from "../support/site";

const allow = ["10.8.5.9", "2001:db8:5::/64"];

function hosts(monitoring: Monitoring | undefined, more: Partial<ExchangeBalancerProps> = {}): ReturnType<typeof hostFiles> {
  return hostFiles(synth(balancerStack({ balancer: { monitoring, ...more } }).stack));
}

const master = (of: ReturnType<typeof hostFiles>): (typeof of)[number] => of.find(({ host }) => host === "10.12.8.11") ?? { host: "", resources: [], manifest: [], files: [] };
const cfg = (of: ReturnType<typeof hostFiles>): string => master(of).files.find(({ path }) => path === "/etc/haproxy/haproxy.cfg")?.content ?? "";
const refused = (options: Partial<PrometheusOptions>, more: Partial<ExchangeBalancerProps>): (() => void) => () =>
  balancerStack({ balancer: { monitoring: Monitoring.prometheus({ allow, ...options }), ...more } });

test("a node has no metrics port by default", () => {
  const without = hosts(undefined);
  expect(master(without).manifest.join("\n")).not.toMatch(/monitoring|9101/);
  expect(cfg(without)).not.toMatch(/fe_metrics|lua|4020/);
});

test("each balancer's metrics port listens only on the balancer's own address, and the firewall admits only the allow list", () => {
  const all = hosts(Monitoring.prometheus({ allow }));
  expect(cfg(all)).toContain("    bind 10.12.8.11:9101 transparent\n");
  expect(cfg(all)).not.toMatch(/bind [^ ]*(\*|:::|10\.12\.8\.15)[^ ]*9101/);
  const { manifest } = master(all);
  expect(manifest.filter((line) => line.includes("9101"))).toEqual(["listen 9101", "open tcp 9101 from 10.8.5.9", "open tcp 9101 from 2001:db8:5::/64"]);
  expect(manifest).toEqual(expect.arrayContaining(["part monitoring", "service exchange-balancer-metrics"]));
  const backup = all.find(({ host }) => host === "10.12.8.12");
  expect(backup?.files.find(({ path }) => path === "/etc/haproxy/haproxy.cfg")?.content).toContain("bind 10.12.8.12:9101 ");
});

test("the connections of the metrics port are added to maxconn in haproxy.cfg", () => {
  expect(cfg(hosts(Monitoring.prometheus({ allow }), { maxconn: 100 }))).toMatch(/^ {4}maxconn {5}120$/m);
});

test("the metrics password is not in the synthesized text, and on the host only root can read the file with this password", () => {
  const { stack } = balancerStack({ balancer: (within) => ({ monitoring: Monitoring.prometheus({ allow, tls: true, password: secret(within, "metrics") }) }) });
  const file = master(hostFiles(synth(stack))).files.find(({ path }) => path === "/etc/haproxy/monitoring.auth");
  expect(file).toEqual({ path: "/etc/haproxy/monitoring.auth", mode: "0600", content: "", secret: true });
});

test("a precondition checks monitoringAddress if it is a token", () => {
  const { stack } = balancerStack({
    balancer: (within) => ({ monitoring: Monitoring.prometheus({ allow }), master: { host: "lb01.mydomain.local", hostKey: HOST_KEY, monitoringAddress: variable(within, "own") }, masterVrrpAddress: "10.12.8.11" }),
  });
  expect(synth(stack)).toContain("monitoringAddress (the default is the node's host) must be a unicast IPv4 or IPv6 address without leading zeros [Stack/Mail/Master]");
});

test.each<[string, () => void, string]>([
  ["a metrics address that is a host name", refused({}, { master: { host: "lb01.mydomain.local", hostKey: HOST_KEY }, masterVrrpAddress: "10.12.8.11" }), 'monitoringAddress (the default is the node\'s host) must be a unicast IPv4 or IPv6 address without leading zeros, got "lb01.mydomain.local" [Stack/Mail/Master]'],
  ["TLS for the metrics port of a node in TCP mode", refused({ tls: true }, { mode: BalancingMode.tcp() }), "monitoring.tls must be left out in TCP mode, because the balancer has no certificate, got true"],
  ["the HTTPS port as metrics port", refused({ port: 443 }, {}), "monitoring.port must be a port that nothing else uses, got 443"],
  ["the health check's port as metrics port", refused({ port: 8404 }, {}), "monitoring.port must be a port that nothing else uses, got 8404"],
  ["the ssh port as metrics port", refused({ port: 22 }, {}), "monitoring.port must be a port that nothing else uses, got 22"],
  ["a password that is a literal text", refused({ password: "secret" }, {}), "monitoring.password must be a token"],
])("a node refuses this monitoring: %s", (_, construct, message) => {
  expect(construct).toThrow(message);
});
