import { Duration, Failover, FailoverOptions } from "cdktf-exchange-balancer";
import { hostFiles } from "cdktf-exchange-balancer/testing";
import { untyped } from "../support/refused";
import { Case, balancerStack, newStack, secret, synth, variable } from "../support/site";

const conf = (balancer: Case["balancer"], of = "10.12.8.11"): string =>
  hostFiles(synth(balancerStack({ balancer }).stack)).find(({ host }) => host === of)?.files
    .find(({ path }) => path.endsWith("keepalived.conf"))?.content ?? "";

describe("the takeover times", () => {
  const times = (failover: Failover, priorities = {}): object => balancerStack({ balancer: { failover, ...priorities } }).balancer.vip.takeoverTimes;

  test.each([
    ["fast", Failover.fast(), { planned: 7, haproxyKilled: 7, haproxyHung: 657, nodeLost: 307 }],
    ["lan", Failover.lan(), { planned: 2, haproxyKilled: 2, haproxyHung: 652, nodeLost: 92 }],
    ["slower", Failover.fast({ advertisementInterval: Duration.seconds(1), checkInterval: Duration.seconds(3) }), { planned: 63, haproxyKilled: 63, haproxyHung: 3513, nodeLost: 3063 }],
  ])("the takeover times of %s follow from its intervals and from the backup's priority", (_, failover, expected) => {
    expect(times(failover)).toEqual(expected);
  });

  test("the takeover times of Failover.article() follow VRRPv2, and only the check notices that haproxy has stopped", () => {
    expect(times(Failover.article({ authPass: secret(newStack(), "p") }))).toEqual({
      planned: 708, haproxyKilled: 5708, haproxyHung: 6158, nodeLost: 3708,
    });
  });

  test("the takeover times are shorter if the backup's priority is higher", () => {
    expect(times(Failover.fast(), { masterPriority: 254, backupPriority: 1 })).toMatchObject({ planned: 100, nodeLost: 400 });
  });

  test("keepalived.conf begins with the takeover times", () => {
    expect(conf({ failover: Failover.fast() })).toContain("# 7 ms when haproxy ends, 307 ms when node or link is lost, 657 ms when haproxy hangs.\n");
  });
});

test("the default failover is Failover.fast(), and it needs no password", () => {
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

test("VRRP uses the VRRP addresses, and Terraform checks them if they are tokens", () => {
  const { stack } = balancerStack({ balancer: (within) => ({ failover: Failover.fast(), backupVrrpAddress: variable(within, "lb02") }) });
  const text = synth(stack);
  const [, master] = hostFiles(text);
  expect(master?.files.find(({ path }) => path.endsWith("keepalived.conf"))?.content).toContain("unicast_peer {\n        ${var.lb02}\n");
  expect(master?.manifest).toContain("open vrrp from ${var.lb02}");
  expect(text).toContain("backupVrrpAddress must be an IPv4 address of the node");
});

test("IPv6 is served if there is a virtual IPv6 address", () => {
  const cfg = (balancer: Case["balancer"]): string =>
    hostFiles(synth(balancerStack({ balancer }).stack))[0]?.files.find(({ path }) => path.endsWith("haproxy.cfg"))?.content ?? "";
  expect(cfg({})).not.toContain(":::");
  expect(cfg({ virtualIpv6Addresses: ["2001:db8::15"] })).toContain("bind *:25 name smtp\n    bind :::25 name smtp v6only\n");
});

test.each([
  ["advertisementInterval", { advertisementInterval: Duration.millis(200) }],
  ["checkInterval", { checkInterval: Duration.minutes(10) }],
])("Failover.article() refuses an %s that is not 1 to 255 whole seconds, because VRRPv2 cannot express it", (prop, options) => {
  expect(() => Failover.article({ authPass: secret(newStack(), "p"), ...options })).toThrow(
    `${prop} must be a whole number of seconds from 1 to 255`,
  );
});

test.each<[string, FailoverOptions, string]>([
  ["an interval between VRRPv3's steps", { advertisementInterval: Duration.millis(25) }, "advertisementInterval must be 10 ms to 40.95 s in steps of 10 ms (VRRPv3), got 25 ms"],
  ["an interval above VRRPv3's limit", { advertisementInterval: Duration.seconds(41) }, "advertisementInterval must be 10 ms to 40.95 s in steps of 10 ms (VRRPv3), got 41000 ms"],
  ["half a second between checks", { checkInterval: Duration.millis(500) }, "checkInterval must be a whole number of seconds from 1 to 255, got 500 ms"],
  ["a preempt delay of an hour", { preemptDelay: Duration.hours(1) }, "preemptDelay must be a whole number of seconds from 1 to 1000, got 3600000 ms"],
  ["a preempt delay without preemption", { preempt: false, preemptDelay: Duration.seconds(1) }, "preemptDelay must be left out if preempt is false, got 1000 ms"],
  ["yielding without preemption", { preempt: false, yieldWithoutMembers: true }, "yieldWithoutMembers must be false if preempt is false, because the other node takes the addresses only by preemption, got true"],
  ["no gratuitous ARP", { garpRepeat: 0 }, "garpRepeat must be an integer from 1 to 100, got 0"],
  ["a refresh every two days", { garpRefresh: Duration.hours(48) }, "garpRefresh must be a whole number of seconds from 1 to 86400, got 172800000 ms"],
])("Failover.fast() and Failover.lan() refuse %s", (_, options, message) => {
  expect(() => Failover.fast(options)).toThrow(`${message} [Failover.fast]`);
  expect(() => Failover.lan(options)).toThrow(`${message} [Failover.lan]`);
});

test.each<[string, object, string]>([
  ["an interval in milliseconds", { advertisementInterval: 100 }, "advertisementInterval must be a Duration, such as Duration.seconds(15), got 100"],
  ["a flag in text", { preempt: "no" }, 'preempt must be true or false, known at synthesis, got "no"'],
  ["a count in text", { garpRepeat: "5" }, 'garpRepeat must be an integer from 1 to 100, got "5"'],
  ["a count of null", { garpRepeat: null }, "garpRepeat must be a value, or left out, got null"],
  ["a key in Python's spelling", { preempt_delay: Duration.seconds(1) }, 'options must be an object of known keys, got the unknown key "preempt_delay": did you mean preemptDelay?'],
])("Failover.fast() and Failover.lan() refuse %s as an option", (_, options, message) => {
  expect(() => Failover.fast(untyped(options))).toThrow(new Error(`${message} [Failover.fast]`));
  expect(() => Failover.lan(untyped(options))).toThrow(new Error(`${message} [Failover.lan]`));
});

test("Failover.article() refuses an unknown key", () => {
  expect(() => Failover.article(untyped({ auth_pass: "Mypass" }))).toThrow(
    new Error('options must be an object of known keys, got the unknown key "auth_pass": did you mean authPass? [Failover.article]'),
  );
});
