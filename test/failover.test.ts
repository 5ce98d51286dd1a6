import { Duration, Failover } from "cdktf-exchange-balancer";
import { hostFiles } from "cdktf-exchange-balancer/testing";
import { Case, balancerStack, newStack, secret, synth, variable } from "./support/site";

const conf = (balancer: Case["balancer"], of = "10.12.8.11"): string =>
  hostFiles(synth(balancerStack({ balancer }).stack)).find(({ host }) => host === of)?.files
    .find(({ path }) => path.endsWith("keepalived.conf"))?.content ?? "";

describe("the takeover times", () => {
  const times = (failover: Failover, priorities = {}): object => balancerStack({ balancer: { failover, ...priorities } }).balancer.vip.takeoverTimes;

  test.each([
    ["fast", Failover.fast(), { planned: 7, haproxyKilled: 7, haproxyHung: 1807, nodeLost: 307 }],
    ["lan", Failover.lan(), { planned: 2, haproxyKilled: 2, haproxyHung: 1802, nodeLost: 92 }],
    ["slower", Failover.fast({ advertisementInterval: Duration.seconds(1), checkInterval: Duration.seconds(3) }), { planned: 63, haproxyKilled: 63, haproxyHung: 3863, nodeLost: 3063 }],
  ])("of %s follow from its intervals and the backup's priority", (_, failover, expected) => {
    expect(times(failover)).toEqual(expected);
  });

  test("of the article's are VRRPv2's, with a check in place of the event", () => {
    expect(times(Failover.article({ authPass: secret(newStack(), "p") }))).toEqual({
      planned: 708, haproxyKilled: 5708, haproxyHung: 6508, nodeLost: 3708,
    });
  });

  test("are shorter with a higher backup's priority", () => {
    expect(times(Failover.fast(), { masterPriority: 254, backupPriority: 1 })).toMatchObject({ planned: 100, nodeLost: 400 });
  });

  test("stand at the head of keepalived.conf", () => {
    expect(conf({ failover: Failover.fast() })).toContain("# 7 ms when haproxy ends, 307 ms when node or link is lost, 1807 ms when haproxy hangs.\n");
  });
});

test("without a word about failover it is the fast one, and asks for no password", () => {
  const { stack } = balancerStack({ balancer: { failover: undefined } });
  const [backup] = hostFiles(synth(stack));
  expect(backup?.files.map(({ path }) => path)).not.toContain("/etc/keepalived/vrrp.auth");
  expect(conf({ failover: undefined })).toBe(conf({ failover: Failover.fast() }));
});

test("the nodes of a VRRPv3 pair differ in priority and in who the other is", () => {
  const [master, backup] = [conf({ failover: Failover.fast() }), conf({ failover: Failover.fast() }, "10.12.8.12")].map((text) => text.split("\n"));
  expect(master?.filter((line, index) => line !== backup?.[index]).map((line) => line.trim())).toEqual([
    "priority 250", "10.12.8.12",
  ]);
});

test("VRRP is spoken from the VRRP addresses, which Terraform checks where they are tokens", () => {
  const { stack } = balancerStack({ balancer: (within) => ({ failover: Failover.fast(), backupVrrpAddress: variable(within, "lb02") }) });
  const text = synth(stack);
  const [, master] = hostFiles(text);
  expect(master?.files.find(({ path }) => path.endsWith("keepalived.conf"))?.content).toContain("unicast_peer {\n        ${var.lb02}\n");
  expect(master?.manifest).toContain("open vrrp from ${var.lb02}");
  expect(text).toContain("backupVrrpAddress must be an IPv4 address of the node");
});

test("clients of IPv6 are served on IPv6 where there is an address for them", () => {
  const cfg = (balancer: Case["balancer"]): string =>
    hostFiles(synth(balancerStack({ balancer }).stack))[0]?.files.find(({ path }) => path.endsWith("haproxy.cfg"))?.content ?? "";
  expect(cfg({})).not.toContain(":::");
  expect(cfg({ virtualIpv6Addresses: ["2001:db8::15"] })).toContain("bind *:25 name smtp\n    bind :::25 name smtp v6only\n");
});
