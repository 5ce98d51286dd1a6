import { TerraformStack, TerraformVariable } from "cdktf";
import { Duration, ExchangeDag, Failover, HaproxyNode, KeepalivedPair, OsProfile, SshAccess } from "cdktf-exchange-balancer";
import { INJECTIONS, refuses, untyped } from "./support/refused";
import { hostFiles } from "cdktf-exchange-balancer/testing";
import { ARTICLE_DAG, articleBridge, balancerStack, newStack, secret, synth } from "./support/site";

const CONFIG_NAME = "a letter or digit followed by up to 62 letters, digits, dots, dashes or underscores";
const VIRTUAL = "an IPv4 address of a host, not loopback or link-local, alone or with its prefix length, such as 10.12.8.15/24";

refuses([
  ["a virtual address with the prefix length 0", { balancer: { virtualAddresses: ["10.12.8.15/0"] } }, `virtualAddresses[0] must be ${VIRTUAL}, got "10.12.8.15/0" [Stack/Mail/Vip]`],
  [
    "a virtual address that is a node's own address",
    { balancer: { virtualAddresses: ["10.12.8.12/24"] } },
    "virtualAddresses and the nodes' own addresses must be different for each entry, got 10.12.8.12/24 twice [Stack/Mail/Vip]",
  ],
  ["an empty list of virtual addresses", { balancer: { virtualAddresses: [] } }, "virtualAddresses must be 1 to 20 addresses (the maximum for one VRRP packet), got none [Stack/Mail/Vip]"],
  [
    "the same virtual address twice",
    { balancer: { virtualAddresses: ["10.12.8.15", "10.12.8.15/24"] } },
    "virtualAddresses must be different for each entry, got 10.12.8.15/24 twice [Stack/Mail/Vip]",
  ],
  ["a name as virtual address", { balancer: { virtualAddresses: ["mail.local"] } }, `virtualAddresses[0] must be ${VIRTUAL}, got "mail.local" [Stack/Mail/Vip]`],
  [
    "IPv6 with VRRPv2",
    { balancer: { virtualAddresses: ["2001:db8::15"] } },
    `virtualAddresses[0] must be ${VIRTUAL}, got "2001:db8::15" [Stack/Mail/Vip]`,
  ],
  ["router id 300", { balancer: { virtualRouterId: 300 } }, "virtualRouterId must be an integer from 1 to 255, got 300 [Stack/Mail/Vip]"],
  [
    "a node whose VRRP address is not known",
    { balancer: { master: { host: "lb01.mydomain.local" } } },
    'masterVrrpAddress must be an IPv4 address of the node in the virtual addresses\' network (the default is the node\'s host), got "lb01.mydomain.local" [Stack/Mail/Vip]',
  ],
  [
    "two nodes with the same VRRP address",
    { balancer: { masterVrrpAddress: "10.12.8.13", backupVrrpAddress: "10.12.8.13" } },
    "master's and backup's VRRP address must be different for each entry, got 10.12.8.13 twice [Stack/Mail/Vip]",
  ],
  [
    "the same router id for both groups of addresses",
    { balancer: { activeActive: { virtualAddresses: ["10.12.8.16"], virtualRouterId: 233 } } },
    "activeActive.virtualRouterId must be different from virtualRouterId, got 233 [Stack/Mail/Vip]",
  ],
  [
    "the same address in both groups",
    { balancer: { activeActive: { virtualAddresses: ["10.12.8.15/24"], virtualRouterId: 1 } } },
    "virtualAddresses must be different for each entry, got 10.12.8.15/24 twice [Stack/Mail/Vip]",
  ],
  [
    "an IPv4 address among virtualIpv6Addresses",
    { balancer: { virtualIpv6Addresses: ["10.12.8.16"] } },
    'virtualIpv6Addresses[0] must be an IPv6 address of a host, not loopback or link-local, alone or with its prefix length, such as 2001:db8::15/64, got "10.12.8.16" [Stack/Mail/Vip]',
  ],
  [
    "an IPv6 address among virtualAddresses",
    { balancer: { virtualAddresses: ["2001:db8::15"] } },
    `virtualAddresses[0] must be ${VIRTUAL}, got "2001:db8::15" [Stack/Mail/Vip]`,
  ],
  [
    "IPv6 addresses that HAProxy does not listen on",
    { balancer: { virtualIpv6Addresses: ["2001:db8::15"], ipv6: false } },
    "virtualIpv6Addresses must be left out unless the prop ipv6 is true on both nodes: without ipv6, HAProxy would not listen on these addresses [Stack/Mail/Vip]",
  ],
  [
    "a notifyCommand that is a shell command line",
    { balancer: { notifyCommand: "/bin/sh -c 'rm -rf /'" } },
    `notifyCommand must be the absolute path of a program on the nodes, such as /usr/local/sbin/tell-me, of at most 512 characters, got "/bin/sh -c 'rm -rf /'" [Stack/Mail/Vip]`,
  ],
  [
    "a notifyCommand with a line break",
    { balancer: { notifyCommand: '/bin/true"\n}' } },
    `notifyCommand must be the absolute path of a program on the nodes, such as /usr/local/sbin/tell-me, of at most 512 characters, got ${JSON.stringify('/bin/true"\n}')} [Stack/Mail/Vip]`,
  ],
  [
    "priorities that are too close for a node to yield",
    { balancer: { failover: Failover.fast({ yieldWithoutMembers: true }), masterPriority: 100, backupPriority: 20 } },
    "backupPriority must be above 81 with yieldWithoutMembers, because yieldWithoutMembers lowers the priority by 81, got 20 [Stack/Mail/Vip]",
  ],
  [
    "a pair port on which clients are served",
    { balancer: { pairPort: 443 } },
    "pairPort must be a port that nothing else uses, got 443 [Stack/Mail/Vip]",
  ],
  [
    "both nodes away",
    { balancer: { master: { host: "10.12.8.11", away: true }, backup: { host: "10.12.8.12", away: true } } },
    "away must be true for at most one of the two nodes, got true for both [Stack/Mail/Vip]",
  ],
  ["router id 0", { balancer: { virtualRouterId: 0 } }, "virtualRouterId must be an integer from 1 to 255, got 0 [Stack/Mail/Vip]"],
  ["priority 255", { balancer: { masterPriority: 255 } }, "masterPriority must be an integer from 1 to 254, got 255 [Stack/Mail/Vip]"],
  ["equal priorities", { balancer: { backupPriority: 100 } }, "backupPriority must be below masterPriority (100), got 100 [Stack/Mail/Vip]"],
  [
    "an interface of 16 characters",
    { balancer: { interface: "enp0s31f6u1u2u3x" } },
    'interface must be a network interface such as ens192, but not lo, with a name of at most 15 characters, got "enp0s31f6u1u2u3x" [Stack/Mail/Vip]',
  ],
  ["an instance name with a blank", { balancer: { instanceName: "MAIL VIP" } }, `instanceName must be ${CONFIG_NAME}, got "MAIL VIP" [Stack/Mail/Vip]`],
  [
    "a VRRP password that is a literal text",
    { balancer: { failover: Failover.article({ authPass: "Mypassword" }) } },
    "failover.authPass must be a token, such as the stringValue of a sensitive TerraformVariable: a literal would be readable in cdk.tf.json [Stack/Mail/Vip]",
  ],
  [
    "the same virtual IPv6 address in two spellings",
    { balancer: { virtualIpv6Addresses: ["2001:DB8::15/64", "2001:db8:0::15"] } },
    "virtualAddresses must be different for each entry, got 2001:db8:0::15 twice [Stack/Mail/Vip]",
  ],
  ["the name of a failover where the failover itself is expected", { balancer: { failover: untyped("fast") } }, 'failover must be a Failover, such as Failover.fast(), got "fast" [Stack/Mail]'],
  ["a Duration where a failover is expected", { balancer: { failover: untyped(Duration.seconds(1)) } }, "failover must be a Failover, such as Failover.fast(), got an instance of Duration [Stack/Mail]"],
  ["true where the object activeActive is expected", { balancer: { activeActive: untyped(true) } }, "activeActive must be an object with virtualAddresses, virtualIpv6Addresses, virtualRouterId, instanceName, got true [Stack/Mail]"],
  [
    "a misspelled key of activeActive",
    { balancer: { activeActive: untyped({ virtualAddresses: ["10.12.8.16"], routerId: 5 }) } },
    'activeActive must be an object of known keys, got the unknown key "routerId": did you mean virtualRouterId? [Stack/Mail]',
  ],
  ["text where a list of virtual addresses is expected", { balancer: { virtualAddresses: untyped("10.12.8.15") } }, 'virtualAddresses must be a list whose length is known at synthesis; its entries may be tokens, got "10.12.8.15" [Stack/Mail/Vip]'],
  ["text as the priority, which must be a number", { balancer: { masterPriority: untyped("200") } }, 'masterPriority must be an integer from 1 to 254, got "200" [Stack/Mail/Vip]'],
  ["a missing router id", { balancer: { virtualRouterId: untyped(undefined) } }, "virtualRouterId must be an integer from 1 to 255, got undefined [Stack/Mail/Vip]"],
  ["null where an interface is expected", { balancer: { interface: untyped(null) } }, "interface must be a value, or left out, got null [Stack/Mail]"],
]);

test("KeepalivedPair refuses nodes that are not HaproxyNodes", () => {
  const { stack, balancer } = balancerStack();
  const props = { virtualAddresses: ["10.0.0.3"], interface: "eth0", virtualRouterId: 1, master: balancer.master };
  expect(() => new KeepalivedPair(stack, "Vip", { ...props, backup: untyped({ host: "10.0.0.1" }) })).toThrow("backup must be a HaproxyNode, got an object [Stack/Vip]");
});

describe.each(INJECTIONS)("the dangerous text %j as a value of a pair", (text) => {
  test("a dangerous text is refused as virtual address, interface, instance name, VRRP address and notify command", () => {
    for (const balancer of [{ virtualAddresses: [text] }, { virtualIpv6Addresses: [text] }, { interface: text }, { backupInterface: text }, { instanceName: text }, { masterVrrpAddress: text }, { notifyCommand: text }]) {
      expect(() => balancerStack({ balancer })).toThrow(/must be .*, got /s);
    }
  });
});

test("if the two nodes' haproxy files differ on purpose, the pair file tells the nodes not to compare these files", () => {
  const pairFile = (maxconn: number): string => {
    const stack = newStack();
    const dag = new ExchangeDag(stack, "Dag", ARTICLE_DAG);
    const mode = articleBridge(stack);
    const node = (id: string, host: string, own: number): HaproxyNode =>
      new HaproxyNode(stack, id, { dag, mode, os: OsProfile.DEBIAN_12, ssh: SshAccess.agent(), host, maxconn: own });
    new KeepalivedPair(stack, "Vip", {
      master: node("A", "10.0.0.1", 4000),
      backup: node("B", "10.0.0.2", maxconn),
      virtualAddresses: ["10.0.0.3"],
      interface: "eth0",
      virtualRouterId: 1,
    });
    const [host] = hostFiles(synth(stack));
    return host?.files.find(({ path }) => path === "/etc/keepalived/pair")?.content ?? "";
  };
  expect(pairFile(4000)).not.toContain("config differs");
  expect(pairFile(5000)).toContain("\nconfig differs\n");
});

test("two nodes count as alike if their tokens stand for the same value, and as different if their tokens stand for different values", () => {
  const pairFile = (masterAllow: string, backupAllow: string): string => {
    const stack = newStack();
    const dag = new ExchangeDag(stack, "Dag", ARTICLE_DAG);
    const mode = articleBridge(stack);
    const lists = Object.fromEntries(["offices", "branches"].map((name) => [name, new TerraformVariable(stack, name, { type: "list(string)" })]));
    const relay = new TerraformVariable(stack, "relay", { type: "string" });
    const node = (id: string, host: string, list: string): HaproxyNode =>
      new HaproxyNode(stack, id, {
        dag,
        mode,
        os: OsProfile.DEBIAN_12,
        ssh: SshAccess.agent(),
        host,
        // Each access makes a token of its own.
        allow: { smtp: [relay.stringValue], ecp: lists[list]?.listValue },
      });
    new KeepalivedPair(stack, "Vip", {
      master: node("A", "10.0.0.1", masterAllow),
      backup: node("B", "10.0.0.2", backupAllow),
      virtualAddresses: [new TerraformVariable(stack, "vip", { type: "string" }).stringValue],
      interface: "eth0",
      virtualRouterId: 1,
    });
    const files = hostFiles(synth(stack)).map((host) => host.files.find(({ path }) => path === "/etc/keepalived/pair")?.content ?? "");
    expect(files).toHaveLength(2);
    for (const file of files) expect(file).toContain("\naddress ${var.vip}\n");
    expect(new Set(files.map((file) => file.includes("config differs"))).size).toBe(1);
    return files.join("\n");
  };
  expect(pairFile("offices", "offices")).not.toContain("config differs");
  expect(pairFile("offices", "branches")).toContain("\nconfig differs\n");
});

test("KeepalivedPair refuses a node that is in another pair", () => {
  const stack = newStack();
  const node = (id: string, host: string): HaproxyNode =>
    new HaproxyNode(stack, id, {
      dag: new ExchangeDag(stack, `Dag${id}`, ARTICLE_DAG),
      mode: articleBridge(new TerraformStack(stack, `In${id}`)),
      os: OsProfile.DEBIAN_12,
      ssh: SshAccess.agent(),
      host,
    });
  const [a, b] = [node("A", "10.0.0.1"), node("B", "10.0.0.2")];
  const pair = { virtualAddresses: ["10.0.0.3"], interface: "eth0", virtualRouterId: 1, failover: Failover.article({ authPass: secret(stack, "p") }) };
  new KeepalivedPair(stack, "One", { ...pair, master: a, backup: b });
  expect(() => new KeepalivedPair(stack, "Two", { ...pair, master: b, backup: a })).toThrow(
    "Stack/B must be in one pair only, but it is already in Stack/One [Stack/Two]",
  );
});
