import { TerraformVariable } from "cdktf";
import { BorderAccess, Duration, ExchangeBalancerProps, OsProfile, TransparentIpv6, TransparentProxy } from "cdktf-exchange-balancer";
import { hostFiles } from "cdktf-exchange-balancer/testing";
import { refuses, untyped } from "./support/refused";
import { Case, balancerStack, newStack, synth, variable } from "./support/site";
import { synthesized } from "./support/synthesized";

const IPV6: TransparentIpv6 = { memberAddresses: ["2001:db8:12::21", "2001:db8:12::22"], masterAddress: "2001:db8:12::11", backupAddress: "2001:db8:12::12" };
const DAG: Case["dag"] = { members: [{ name: "exch01", host: "10.12.8.21" }, { name: "exch02", host: "10.12.8.22" }] };
const HOST4 = "an IPv4 address, not loopback or link-local, without leading zeros";
const HOST6 = "an IPv6 address, not loopback or link-local, without leading zeros";

const shown = (balancer: Partial<ExchangeBalancerProps> = {}, dag: Case["dag"] = DAG): Case => ({
  dag, balancer: { os: OsProfile.DEBIAN_13, transparentProxy: TransparentProxy.clients(), ...balancer },
});
const shownOnIpv6 = (change: Partial<TransparentIpv6> = {}, balancer: Partial<ExchangeBalancerProps> = {}): Case =>
  shown({ virtualIpv6Addresses: ["2001:db8:12::15/64"], transparentProxy: TransparentProxy.routing({ ipv6: { ...IPV6, ...change } }), ...balancer });

refuses([
  ["a text where a TransparentProxy is expected", shown({ transparentProxy: untyped("clients") }), 'transparentProxy must be a TransparentProxy, such as TransparentProxy.routing(), got "clients" [Stack/Mail]'],
  ["a Duration where a TransparentProxy is expected", shown({ transparentProxy: untyped(Duration.seconds(1)) }), "transparentProxy must be a TransparentProxy, such as TransparentProxy.routing(), got an instance of Duration [Stack/Mail]"],
  [
    "HAProxy 2.6",
    shown({ os: OsProfile.DEBIAN_12 }),
    "transparentProxy must be left out with HAProxy 2.6 (Stack/Mail/Master), because this version would have to run as root; HAProxy 2.9 and newer (such as in Debian 13) needs only CAP_NET_ADMIN [Stack/Mail/Vip]",
  ],
  [
    "TransparentProxy.routing() with HAProxy 2.8",
    shown({ os: OsProfile.UBUNTU_24_04, transparentProxy: TransparentProxy.routing() }),
    "transparentProxy must be left out with HAProxy 2.8 (Stack/Mail/Master), because this version would have to run as root; HAProxy 2.9 and newer (such as in Debian 13) needs only CAP_NET_ADMIN [Stack/Mail/Vip]",
  ],
  [
    "a member whose host is a name",
    shown({}, { members: [{ name: "exch01", host: "10.12.8.21" }, { name: "exch02", host: "exch02.mydomain.local" }] }),
    `with transparentProxy, members[1].host of the dag must be ${HOST4}, got "exch02.mydomain.local" [Stack/Mail/Vip]`,
  ],
  [
    "a member whose host is IPv6",
    shown({}, { members: [{ name: "exch01", host: "2001:db8::21" }, { name: "exch02", host: "10.12.8.22" }] }),
    `with transparentProxy, members[0].host of the dag must be ${HOST4}, got "2001:db8::21" [Stack/Mail/Vip]`,
  ],
  [
    "two groups of addresses with different holders",
    shown({ activeActive: { virtualAddresses: ["10.12.8.16"], virtualRouterId: 234 } }),
    "transparentProxy must be left out with activeActive, because the members' default gateway is on one node, but clients connect to both nodes [Stack/Mail/Vip]",
  ],
  ["IPv6 clients without IPv6 members", shown({ virtualIpv6Addresses: ["2001:db8:12::15/64"] }), "transparentProxy's ipv6 must be set if the nodes serve IPv6, got none [Stack/Mail/Vip]"],
  ["IPv6 addresses for the nodes without IPv6 members", shown({ ipv6: true }), "transparentProxy's ipv6 must be set if the nodes serve IPv6, got none [Stack/Mail/Vip]"],
  [
    "a pair that accepts border proxies, without IPv6 members",
    shown({ border: BorderAccess.from({ addresses: ["192.0.2.11"] }) }),
    "transparentProxy's ipv6 must be set if the prop border is set, because a border proxy may pass on connections of IPv6 clients, got none [Stack/Mail/Vip]",
  ],
  [
    "IPv6 members without an IPv6 gateway",
    shownOnIpv6({}, { virtualIpv6Addresses: undefined, ipv6: true }),
    "transparentProxy's ipv6 must be left out unless virtualIpv6Addresses is set, because the members need a virtual IPv6 address as their gateway [Stack/Mail/Vip]",
  ],
  ["only one IPv6 member for two members", shownOnIpv6({ memberAddresses: ["2001:db8:12::21"] }), "transparentProxy's ipv6.memberAddresses must be one address for each of the DAG's 2 members, got 1 [Stack/Mail/Vip]"],
  ["text where a list of memberAddresses is expected", shownOnIpv6({ memberAddresses: untyped("2001:db8:12::21") }), 'transparentProxy\'s ipv6.memberAddresses must be a list whose length is known at synthesis; its entries may be tokens, got "2001:db8:12::21" [Stack/Mail/Vip]'],
  ["an IPv4 address as IPv6", shownOnIpv6({ memberAddresses: ["2001:db8:12::21", "10.12.8.22"] }), `transparentProxy's ipv6.memberAddresses[1] must be ${HOST6}, got "10.12.8.22" [Stack/Mail/Vip]`],
  ["a link-local address", shownOnIpv6({ masterAddress: "fe80::11" }), `transparentProxy's ipv6.masterAddress must be ${HOST6}, got "fe80::11" [Stack/Mail/Vip]`],
  ["an address with a prefix length", shownOnIpv6({ backupAddress: "2001:db8:12::12/64" }), `transparentProxy's ipv6.backupAddress must be ${HOST6}, got "2001:db8:12::12/64" [Stack/Mail/Vip]`],
  [
    "the same address twice in two spellings",
    shownOnIpv6({ backupAddress: "2001:DB8:12:0::11" }),
    "transparentProxy's addresses and the virtual addresses must be different for each entry, got 2001:DB8:12:0::11 twice [Stack/Mail/Vip]",
  ],
  [
    "a virtual address as a node's own address",
    shownOnIpv6({ masterAddress: "2001:db8:12::15" }),
    "transparentProxy's addresses and the virtual addresses must be different for each entry, got 2001:db8:12::15 twice [Stack/Mail/Vip]",
  ],
]);

test("TransparentProxy.routing() gives both nodes the routing settings; TransparentProxy.clients() also makes HAProxy transparent, and makes each deploy check the members before the new files go live", () => {
  const files = (proxy: TransparentProxy): Map<string, string>[] =>
    hostFiles(synth(balancerStack(shown({ transparentProxy: proxy })).stack)).map((host) => new Map(host.files.map(({ path, content }) => [path, content])));
  const [backup, master] = files(TransparentProxy.routing());
  expect(master?.get("/etc/haproxy/routing.conf")).toContain("\nnode 1\npeer 10.12.8.12\ngateway 10.12.8.15\nport 443\nmember exch01 10.12.8.21\nmember exch02 10.12.8.22\n");
  expect(backup?.get("/etc/haproxy/routing.conf")).toContain("\nnode 2\npeer 10.12.8.11\n");
  expect(master?.get("/etc/haproxy/haproxy.cfg")).not.toContain("usesrc");
  for (const host of files(TransparentProxy.clients())) expect(host.get("/etc/haproxy/haproxy.cfg")).toContain("usesrc clientip");
  const manifests = [TransparentProxy.routing(), TransparentProxy.clients()].map((proxy) => synth(balancerStack(shown({ transparentProxy: proxy })).stack));
  expect(manifests.map((text) => text.includes("before-live /usr/libexec/cdktf-exchange-balancer/routing"))).toEqual([false, true]);
});

test("both nodes of a pair with transparentProxy have the same haproxy.cfg", () => {
  const [backup, master] = hostFiles(synth(balancerStack(shownOnIpv6({}, { transparentProxy: TransparentProxy.clients({ ipv6: IPV6 }) })).stack));
  const cfg = (files: typeof master): string => files?.files.find(({ path }) => path === "/etc/haproxy/haproxy.cfg")?.content ?? "";
  expect(cfg(master)).toContain("usesrc clientip");
  expect(cfg(master)).toBe(cfg(backup));
});

test("if the addresses in transparentProxy are tokens, Terraform checks the addresses with the rules and error messages that the library uses for literal addresses", () => {
  const stack = newStack();
  const members = [{ name: "exch01", host: variable(stack, "member") }, { name: "exch02", host: "10.12.8.22" }];
  const own = { memberAddresses: [variable(stack, "member6"), "2001:db8:12::22"], masterAddress: variable(stack, "master6"), backupAddress: variable(stack, "backup6") };
  balancerStack({ ...shownOnIpv6(own), dag: { members } }, stack);
  const conditions = Object.values(synthesized(stack).resource.null_resource).flatMap(({ lifecycle }) => lifecycle.precondition ?? []).map(({ error_message }) => error_message);
  for (const [prop, rule] of [
    ["with transparentProxy, members[0].host of the dag", HOST4],
    ["transparentProxy's ipv6.memberAddresses[0]", HOST6],
    ["transparentProxy's ipv6.masterAddress", HOST6],
    ["transparentProxy's ipv6.backupAddress", HOST6],
  ]) {
    expect(conditions.filter((message) => message.startsWith(`${prop} must be ${rule} [`))).not.toEqual([]);
  }
  expect(conditions.filter((message) => message.startsWith("transparentProxy's addresses and the virtual addresses must be different for each entry"))).not.toEqual([]);
});

test("a token for the whole list memberAddresses is refused, because the length of the list is not known", () => {
  const stack = newStack();
  const list = new TerraformVariable(stack, "members6", { type: "list(string)" }).listValue;
  expect(() => balancerStack(shownOnIpv6({ memberAddresses: list }), stack)).toThrow(/transparentProxy's ipv6\.memberAddresses must be /);
});
