import { ExchangeBalancerProps, HaproxyLogs, OsProfile } from "cdktf-exchange-balancer";
import { hostFiles } from "cdktf-exchange-balancer/testing";
import { balancerStack, synth, variable } from "../support/site";

const host = (balancer: Partial<ExchangeBalancerProps>): { manifest: string; paths: readonly string[]; cfg: string } => {
  const found = hostFiles(synth(balancerStack({ balancer }).stack)).find((one) => one.host === "10.12.8.11");
  const files = found?.files ?? [];
  return {
    manifest: (found?.manifest ?? []).join("\n"),
    paths: files.map(({ path }) => path),
    cfg: files.find(({ path }) => path === "/etc/haproxy/haproxy.cfg")?.content ?? "",
  };
};

test("by default, rsyslog writes HAProxy's log to files", () => {
  const { manifest, paths } = host({});
  expect(manifest).toMatch(/package rsyslog\npackage logrotate\n[^]*service rsyslog\nservice haproxy/);
  expect(paths).toEqual(expect.arrayContaining(["/etc/rsyslog.d/49-haproxy.conf", "/etc/logrotate.d/haproxy"]));
  expect(host({ logs: HaproxyLogs.files() })).toEqual(host({}));
});

test.each([
  ["the journal", HaproxyLogs.journal(), /^ +log +stdout format short local0 debug alert$/m],
  ["a syslog server", HaproxyLogs.remote({ address: "10.8.5.20" }), /^ +log +10\.8\.5\.20:514 len 4096 format rfc5424 local0\n +log-send-hostname$/m],
  ["a syslog server over TCP", HaproxyLogs.remote({ address: "2001:db8::20", tcp: true }), /^ring syslog\n[^]*server remote 2001:db8::20:514 log-proto octet-count/m],
])("a host with logs to %s needs no rsyslog", (_, logs, line) => {
  const { manifest, paths, cfg } = host({ logs });
  expect(`${manifest}${paths.join()}${cfg}`).not.toMatch(/rsyslog|logrotate|127\.0\.0\.1:514/);
  expect(cfg).toMatch(line);
  expect(cfg).toContain("log-format 'client=");
});

test("haproxy.cfg has no log format if there is no log", () => {
  const { manifest, paths, cfg } = host({ logs: HaproxyLogs.none() });
  expect(`${manifest}${paths.join()}`).not.toMatch(/rsyslog|logrotate/);
  expect(cfg).not.toMatch(/log-format|httplog|tcplog|^ring |^global\n +log /m);
});

test("the address of the log server may be a token, and Terraform checks this address", () => {
  const { stack } = balancerStack({ balancer: (within) => ({ logs: HaproxyLogs.remote({ address: variable(within, "syslog") }) }) });
  const text = synth(stack);
  expect(text).toContain("log         ${trimsuffix(trimprefix(jsonencode(var.syslog)");
  expect(text).toContain("logs.address must be a unicast IPv4 or IPv6 address without leading zeros [Stack/Mail/Master]");
});

test.each([
  ["logs to the journal on AlmaLinux 8, because HAProxy 1.8 cannot write to the journal", HaproxyLogs.journal(), OsProfile.ALMALINUX_8, "logs must be files(), remote() or none() with HAProxy 1.8, which cannot write to the journal, got HaproxyLogs.journal() [Stack/Mail/Master]"],
  ["logs over TCP on Debian 11, because HAProxy 2.2 cannot send log lines over TCP", HaproxyLogs.remote({ address: "10.8.5.20", tcp: true }), OsProfile.DEBIAN_11, "logs.tcp must be false with HAProxy 2.2, because only HAProxy 2.6 and newer send log lines by TCP, got true [Stack/Mail/Master]"],
  ["a text where a HaproxyLogs is expected", "journal" as unknown as HaproxyLogs, OsProfile.DEBIAN_12, 'logs must be a HaproxyLogs, such as HaproxyLogs.journal(), got "journal" [Stack/Mail]'],
])("a node refuses this choice of logs: %s", (_, logs, os, message) => {
  expect(() => host({ logs, os })).toThrow(message);
});
