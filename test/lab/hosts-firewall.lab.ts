import type { Host } from "./hosts";
import { firewalldZone, nftablesService, openPorts, persistentIptables, plainIptables, type Shape, ufw } from "./shapes";
import { Site } from "./site";

// Hosts with somebody's firewall: the connection that a deploy came by survives, and so does what the host let in.

let site: Site;
const AGENT = 9100;

beforeAll(async () => {
  site = await Site.attach();
}, 60_000);

beforeEach(async () => site.fromBare(), 120_000);

/** The rules that the kernel has, without counters. */
const rules = (host: Host): Promise<string> => host.must("nft --stateless list ruleset 2>/dev/null || true; iptables-save 2>/dev/null | grep -v '^[#:]' || true");

const OWNERS: readonly (readonly [string, Shape, RegExp])[] = [
  ["ufw", ufw, /ufw filters this host/],
  ["nftables.service", nftablesService, /nftables\.service filters this host/],
  ["rules that nobody owns", plainIptables, /rules that no service owns filter this host/],
  ["iptables-persistent", persistentIptables, /netfilter-persistent\.service filters this host/],
];

test.each(OWNERS)("a deploy refuses before it changes anything if the filter is %s", async (_, shape, words) => {
  await shape(site.lb02);
  const before = await rules(site.lb02);
  const { status, stdout, stderr } = await site.deploy();
  expect(status).not.toBe(0);
  expect(`${stdout}${stderr}`).toMatch(words);
  expect(`${stdout}${stderr}`).toContain("HostFirewallMode.UNMANAGED");
  expect(await rules(site.lb02)).toBe(before);
  expect((await site.lb02.exec("command -v haproxy firewall-cmd")).stdout).toBe("");
  expect(await openPorts(site.lab.client, site.lb02.address, [22, AGENT])).toEqual([22, AGENT]);
}, 240_000);

test.each(OWNERS)("with UNMANAGED a deploy leaves %s alone, also over a reboot", async (_, shape) => {
  for (const host of site.lab.balancers) await shape(host);
  const before = await rules(site.lb02);
  await site.mustDeploy({ firewall: "unmanaged" });
  expect(await rules(site.lb02)).toBe(before);
  expect(await openPorts(site.lab.client, site.lb02.address, [22])).toEqual([22]);
}, 240_000);

test("a first start of firewalld names the listening ports that it shuts", async () => {
  const output = await site.mustDeploy();
  expect(output).toMatch(/\[198\.18\.0\.12\] firewalld starts for the first time and shuts .*9100\/tcp/);
}, 240_000);

test("ports and VRRP are opened in the zone of the interface that serves", async () => {
  const { interface: mail } = site.lab.facts;
  for (const host of site.lab.balancers) await firewalldZone("internal", mail)(host);
  await site.mustDeploy();
  expect(await site.lb02.must("firewall-cmd --zone=internal --list-ports; firewall-cmd --permanent --zone=internal --list-ports")).toMatch(/443\/tcp[^]*443\/tcp/);
  expect(await site.lb02.must("firewall-cmd --zone=internal --list-rich-rules")).toContain('protocol value="vrrp" accept');
  expect(await site.lb02.must("firewall-cmd --zone=public --list-ports")).not.toContain("443/tcp");
  expect(await openPorts(site.lab.client, site.lab.facts.virtualAddress, [25, 443])).toEqual([25, 443]);
  await site.until("one node holds the address", 15, async () => (await site.holders()).join() === "lb01");
}, 240_000);

test("a change of the firewall that shuts Terraform out is taken back within the stated time", async () => {
  for (const host of site.lab.balancers) await firewalldZone("drop", "mgmt0")(host);
  await site.mustDeploy();
  // The zone of the connection loses ssh as soon as somebody's hook runs after our reload.
  await site.lb02.must("mkdir -p /etc/systemd/system/firewalld.service.d && printf '[Service]\\nExecReload=/usr/bin/firewall-cmd --zone=public --remove-service=ssh\\n' > /etc/systemd/system/firewalld.service.d/evil.conf && systemctl daemon-reload");
  await site.deploy({ allProtocols: true });
  await site.until("ssh answers again", 90, async () => (await openPorts(site.lab.client, site.lb02.address, [22])).length === 1);
  expect(await site.lb02.must("journalctl --no-pager -o cat -t cdktf-exchange-balancer")).toContain("took the firewall change back");
}, 300_000);
