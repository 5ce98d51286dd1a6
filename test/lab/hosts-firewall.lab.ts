import type { LabSite } from "../../examples/lab/main";
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

/** A site with only one balancer, for tests that do not need the other one. */
const ALONE: LabSite = { nodes: ["lb02"] };

/** Returns the packet filter rules in the kernel, without counters. */
const rules = (host: Host): Promise<string> => host.must("nft --stateless list ruleset 2>/dev/null || true; iptables-save 2>/dev/null | grep -v '^[#:]' || true");

const OWNERS: readonly (readonly [string, Shape, RegExp])[] = [
  ["ufw", ufw, /ufw filters this host/],
  ["nftables.service", nftablesService, /nftables\.service filters this host/],
  ["rules that nobody owns", plainIptables, /rules that no service owns filter this host/],
  ["iptables-persistent", persistentIptables, /netfilter-persistent\.service filters this host/],
];

test.each(OWNERS)("a deploy stops before it changes anything if the host's packet filter is %s", async (_, shape, words) => {
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

test.each(OWNERS)("a deploy with HostFirewallMode.UNMANAGED does not change %s", async (_, shape) => {
  for (const host of site.lab.balancers) await shape(host);
  const before = await rules(site.lb02);
  await site.mustDeploy({ firewall: "unmanaged" });
  expect(await rules(site.lb02)).toBe(before);
  expect(await openPorts(site.lab.client, site.lb02.address, [22])).toEqual([22]);
}, 240_000);

test("when a deploy starts firewalld for the first time, it prints the listening ports that firewalld closes", async () => {
  const output = await site.mustDeploy(ALONE);
  expect(output).toMatch(/\[198\.18\.0\.12\] firewalld starts for the first time, and closes .*9100\/tcp/);
}, 400_000);

test("ports and VRRP are opened in the firewalld zone of the serving interface", async () => {
  const { interface: mail } = site.lab.facts;
  for (const host of site.lab.balancers) await firewalldZone("internal", mail)(host);
  await site.mustDeploy();
  expect(await site.lb02.must("firewall-cmd --zone=internal --list-ports; firewall-cmd --permanent --zone=internal --list-ports")).toMatch(/443\/tcp[^]*443\/tcp/);
  expect(await site.lb02.must("firewall-cmd --zone=internal --list-rich-rules")).toContain('protocol value="vrrp" accept');
  expect(await site.lb02.must("firewall-cmd --zone=public --list-ports")).not.toContain("443/tcp");
  expect(await openPorts(site.lab.client, site.lab.facts.virtualAddress, [25, 443])).toEqual([25, 443]);
  await site.until("one node holds the address", 15, async () => (await site.holders()).join() === "lb01");
}, 500_000);

test("the prop `firewallZone` sets the zone, and a deploy with a new `firewallZone` closes the ports in the old zone", async () => {
  for (const host of site.lab.balancers) await firewalldZone("internal", site.lab.facts.interface)(host);
  const ports = (zone: string): Promise<string> => site.lb02.must(`firewall-cmd --zone=${zone} --list-ports; firewall-cmd --permanent --zone=${zone} --list-ports`);
  const { status, stdout } = await site.deploy({ firewallZone: "elsewhere" });
  expect(status).not.toBe(0);
  expect(stdout).toMatch(/firewallZone must be a zone of this host's firewalld, got elsewhere\. firewalld has these zones: .*internal/);
  await site.mustDeploy();
  expect(await ports("internal")).toMatch(/443\/tcp[^]*443\/tcp/);
  // Traffic that arrives at the interface would not pass there: clients and VRRP would be shut out.
  const shut = await site.deploy({ firewallZone: "public" });
  expect(shut.status).not.toBe(0);
  expect(shut.stdout).toContain("[198.18.0.12] FAILED: firewallZone must be internal (the zone of host0) or a zone with sources, got public. Traffic that arrives on host0 does not pass through public. Nothing was changed.");
  expect(await ports("internal")).toMatch(/443\/tcp[^]*443\/tcp/);
  expect(await site.holders()).toEqual(["lb01"]);
  for (const host of site.lab.balancers) await host.must(`firewall-cmd -q --permanent --zone=public --change-interface=${site.lab.facts.interface} && firewall-cmd -q --reload`);
  await site.mustDeploy({ firewallZone: "public" });
  await site.until("one node holds the address", 15, async () => (await site.holders()).join() === "lb01");
  // Both held it after the hand's work, and whoever asked meanwhile may think of the other one until the next gratuitous ARP.
  await site.until("the address answers", 70, async () => (await openPorts(site.lab.client, site.lab.facts.virtualAddress, [25, 443])).join() === "25,443");
  expect(await ports("public")).toMatch(/443\/tcp[^]*443\/tcp/);
  expect(await ports("internal")).not.toContain("443/tcp");
  expect(await ports("internal")).toContain(`${AGENT}/tcp`);
}, 600_000);

/** Installs firewalld and leaves it stopped. Whenever firewalld starts, it runs the shell command `hook`. */
const firewalldWithHook = (hook: string): Shape => async (host) => {
  await firewalldZone("public", site.lab.facts.interface)(host);
  await host.must("mkdir -p /etc/systemd/system/firewalld.service.d && cat > /etc/systemd/system/firewalld.service.d/hook.conf", {
    input: `[Service]\nExecStartPost=/bin/sh -c '${hook}'\n`,
  });
  await host.must("systemctl daemon-reload && systemctl disable --now --quiet firewalld");
};

test("if a deploy starts firewalld and firewalld then blocks new ssh connections, the deploy fails and stops firewalld again", async () => {
  await firewalldWithHook("firewall-cmd --remove-service=ssh; firewall-cmd --remove-port=22/tcp; firewall-cmd --zone=public --remove-port=22/tcp")(site.lb02);
  const { status, stdout } = await site.deploy(ALONE);
  expect(status).not.toBe(0);
  expect(stdout).toMatch(/FAILED: firewalld does not allow new ssh connections \(22\/tcp, zone public\)|FAILED: firewalld does not allow new ssh connections \(22\/tcp\)/);
  expect(await openPorts(site.lab.client, site.lb02.address, [22, AGENT])).toEqual([22, AGENT]);
  expect((await site.lb02.exec("systemctl is-active firewalld; systemctl is-enabled firewalld")).stdout).toBe("inactive\ndisabled\n");
}, 500_000);

test("if a deploy starts firewalld and firewalld then cuts the ssh connection, a watchdog undoes the firewall change within 60 s", async () => {
  await firewalldWithHook("firewall-cmd --panic-on; sleep 300")(site.lb02);
  const deploy = site.deploy(ALONE);
  await site.until("nobody comes in", 300, async () => (await openPorts(site.lab.client, site.lb02.address, [22])).length === 0);
  const after = await site.until("ssh answers again", 75, async () => (await openPorts(site.lab.client, site.lb02.address, [22])).length === 1);
  process.stdout.write(`ssh answered again after ${after.toFixed(0)} s\n`);
  expect((await deploy).status).not.toBe(0);
  expect(await site.lb02.must("journalctl --no-pager -o cat -t cdktf-exchange-balancer")).toContain("undid the firewall change");
  await site.lb02.must("rm /etc/systemd/system/firewalld.service.d/hook.conf && systemctl daemon-reload");
  expect(await site.mustDeploy(ALONE)).toContain("[198.18.0.12] undid the firewall change");
}, 800_000);

test("if a virtual address is outside the host's networks, or the host has no interface of the given name, a deploy stops and lists the host's interfaces and networks", async () => {
  const refused = async (changes: LabSite): Promise<string> => {
    const { status, stdout } = await site.deploy(changes);
    expect(status).not.toBe(0);
    expect((await site.lb02.exec("command -v haproxy keepalived")).stdout).toBe("");
    return stdout;
  };
  const has = /host0 \(198[.]18[.]0[.]12\/24\), mgmt0 \([0-9.]+\/24\)/;
  const address = await refused({ virtualAddress: "198.18.1.15" });
  expect(address).toContain("virtualAddresses must be in a network of host0, got 198.18.1.15.");
  expect(address).toMatch(has);
  const card = await refused({ interface: "ens192" });
  expect(card).toContain("interface must be a network interface of this host, got ens192.");
  expect(card).toMatch(has);
}, 240_000);
