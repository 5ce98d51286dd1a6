import { Duration, Failover, FailoverOptions } from "cdktf-exchange-balancer";
import { hostFiles } from "cdktf-exchange-balancer/testing";
import { untyped } from "../support/refused";
import { Case, balancerStack, newStack, secret, synth, variable } from "../support/site";

const conf = (balancer: Case["balancer"], of = "10.12.8.11"): string =>
  hostFiles(synth(balancerStack({ balancer }).stack)).find(({ host }) => host === of)?.files
    .find(({ path }) => path.endsWith("keepalived.conf"))?.content ?? "";

describe("the takeover times of a pair", () => {
  const times = (failover: Failover, priorities = {}): object => balancerStack({ balancer: { failover, ...priorities } }).balancer.vip.takeoverTimes;

  test.each([
    ["fast", Failover.fast(), { planned: 7, haproxyKilled: 7, haproxyHung: 657, nodeLost: 307 }],
    ["lan", Failover.lan(), { planned: 2, haproxyKilled: 2, haproxyHung: 652, nodeLost: 92 }],
    ["slower", Failover.fast({ advertisementInterval: Duration.seconds(1), checkInterval: Duration.seconds(3) }), { planned: 63, haproxyKilled: 63, haproxyHung: 3513, nodeLost: 3063 }],
  ])("the takeover times of the failover %s are computed from this failover's intervals and the backup's priority", (_, failover, expected) => {
    expect(times(failover)).toEqual(expected);
  });

  test("with Failover.article(), the takeover times are those of VRRPv2, and the time for a killed haproxy includes the wait for the next check", () => {
    expect(times(Failover.article({ authPass: secret(newStack(), "p") }))).toEqual({
      planned: 708, haproxyKilled: 5708, haproxyHung: 6158, nodeLost: 3708,
    });
  });

  test("the takeover times are longer if the backup's priority is lower", () => {
    expect(times(Failover.fast(), { masterPriority: 254, backupPriority: 1 })).toMatchObject({ planned: 100, nodeLost: 400 });
  });

  test("a comment in keepalived.conf states the takeover times", () => {
    expect(conf({ failover: Failover.fast() })).toContain("# 7 ms if haproxy ends, 307 ms if the node or its link fails, 657 ms if haproxy hangs.\n");
  });
});

test("the default failover is Failover.fast(), which needs no password", () => {
  const { stack } = balancerStack({ balancer: { failover: undefined } });
  const [backup] = hostFiles(synth(stack));
  expect(backup?.files.map(({ path }) => path)).not.toContain("/etc/keepalived/vrrp.auth");
  expect(conf({ failover: undefined })).toBe(conf({ failover: Failover.fast() }));
});

test("the keepalived.conf files of a VRRPv3 pair differ only in priority and peer", () => {
  const [master, backup] = [conf({ failover: Failover.fast() }), conf({ failover: Failover.fast() }, "10.12.8.12")].map((text) => text.split("\n"));
  expect(master?.filter((line, index) => line !== backup?.[index]).map((line) => line.trim())).toEqual([
    "priority 250", "10.12.8.12",
  ]);
});

test("VRRP and the firewall use a node's VRRP address, and Terraform checks this address if it is a token", () => {
  const { stack } = balancerStack({ balancer: (within) => ({ failover: Failover.fast(), backupVrrpAddress: variable(within, "lb02") }) });
  const text = synth(stack);
  const [, master] = hostFiles(text);
  expect(master?.files.find(({ path }) => path.endsWith("keepalived.conf"))?.content).toContain("unicast_peer {\n        ${var.lb02}\n");
  expect(master?.manifest).toContain("open vrrp from ${var.lb02}");
  expect(text).toContain("backupVrrpAddress must be an IPv4 address of the node");
});

test("haproxy.cfg listens on IPv6 only if the pair has a virtual IPv6 address", () => {
  const cfg = (balancer: Case["balancer"]): string =>
    hostFiles(synth(balancerStack({ balancer }).stack))[0]?.files.find(({ path }) => path.endsWith("haproxy.cfg"))?.content ?? "";
  expect(cfg({})).not.toContain(":::");
  expect(cfg({ virtualIpv6Addresses: ["2001:db8::15"] })).toContain("bind *:25 name smtp\n    bind :::25 name smtp v6only\n");
});

test.each([
  ["advertisementInterval", { advertisementInterval: Duration.millis(200) }],
  ["checkInterval", { checkInterval: Duration.minutes(10) }],
])("Failover.article() accepts the option %s only as a whole number of seconds from 1 to 255", (prop, options) => {
  expect(() => Failover.article({ authPass: secret(newStack(), "p"), ...options })).toThrow(
    `${prop} must be a whole number of seconds from 1 to 255`,
  );
});

test.each<[string, FailoverOptions, string]>([
  ["an advertisementInterval that is not a multiple of 10 ms, the unit of VRRPv3", { advertisementInterval: Duration.millis(25) }, "advertisementInterval must be 10 ms to 40.95 s in steps of 10 ms (VRRPv3), got 25 ms"],
  ["an advertisementInterval above VRRPv3's limit", { advertisementInterval: Duration.seconds(41) }, "advertisementInterval must be 10 ms to 40.95 s in steps of 10 ms (VRRPv3), got 41000 ms"],
  ["a checkInterval of half a second", { checkInterval: Duration.millis(500) }, "checkInterval must be a whole number of seconds from 1 to 255, got 500 ms"],
  ["a preemptDelay of one hour", { preemptDelay: Duration.hours(1) }, "preemptDelay must be a whole number of seconds from 1 to 1000, got 3600000 ms"],
  ["preemptDelay together with preempt: false", { preempt: false, preemptDelay: Duration.seconds(1) }, "preemptDelay must be left out if preempt is false, got 1000 ms"],
  ["yieldWithoutMembers together with preempt: false", { preempt: false, yieldWithoutMembers: true }, "yieldWithoutMembers must be false if preempt is false, because without preemption the other node cannot take the addresses from a running node, got true"],
  ["a garpRepeat of 0", { garpRepeat: 0 }, "garpRepeat must be an integer from 1 to 100, got 0"],
  ["a garpRefresh of two days", { garpRefresh: Duration.hours(48) }, "garpRefresh must be a whole number of seconds from 1 to 86400, got 172800000 ms"],
])("Failover.fast() and Failover.lan() refuse %s", (_, options, message) => {
  expect(() => Failover.fast(options)).toThrow(`${message} [Failover.fast]`);
  expect(() => Failover.lan(options)).toThrow(`${message} [Failover.lan]`);
});

test.each<[string, object, string]>([
  ["a number where a Duration is expected", { advertisementInterval: 100 }, "advertisementInterval must be a Duration, such as Duration.seconds(15), got 100"],
  ["text where true or false is expected", { preempt: "no" }, 'preempt must be true or false, known at synthesis, got "no"'],
  ["text where a number is expected", { garpRepeat: "5" }, 'garpRepeat must be an integer from 1 to 100, got "5"'],
  ["null where a number is expected", { garpRepeat: null }, "garpRepeat must be a value, or left out, got null"],
  ["an option name in snake_case", { preempt_delay: Duration.seconds(1) }, 'options must be an object of known keys, got the unknown key "preempt_delay": did you mean preemptDelay?'],
])("Failover.fast() and Failover.lan() refuse an option of the wrong type or name: %s", (_, options, message) => {
  expect(() => Failover.fast(untyped(options))).toThrow(new Error(`${message} [Failover.fast]`));
  expect(() => Failover.lan(untyped(options))).toThrow(new Error(`${message} [Failover.lan]`));
});

test("Failover.article() refuses an unknown key", () => {
  expect(() => Failover.article(untyped({ auth_pass: "Mypass" }))).toThrow(
    new Error('options must be an object of known keys, got the unknown key "auth_pass": did you mean authPass? [Failover.article]'),
  );
});
