import type { LabSite } from "../../examples/lab/main";
import { ExchangeSite } from "./exchange-site";
import type { Host } from "./hosts";
import { outage } from "./outage";
import type { Site } from "./site";
import { inNamespace } from "./network";
import { balancerSuite } from "./suites";
import { SYSTEMS } from "./systems";
import { must } from "./run";

// Exchange sees its clients' own addresses: clients of another network, members whose default gateway is the virtual address.
// Older HAProxies would have to be root for it: there the library refuses at synthesis.

const NEW_ENOUGH = SYSTEMS[balancerSuite()].haproxy >= 2.9;
const VIP = "198.18.0.15";
const VIP6 = "fd00:198:18::15";
const IPV6 = { exch01: "fd00:198:18::21", exch02: "fd00:198:18::22", lb01: "fd00:198:18::11", lb02: "fd00:198:18::12", client: "fd00:198:18::31" } as const;
/** IPv6 link-local addresses. In a real network each host gives itself one; in the lab this suite sets them. */
const LINK_LOCAL = { exch01: "fe80::21", exch02: "fe80::22", lb01: "fe80::11", lb02: "fe80::12", client: "fe80::31" } as const;
/**
 * FAR, FAR_TOO and FAR6 are client addresses outside the members' networks. The members reach these addresses only
 * through their default gateway.
 */
const FAR = "198.19.77.31";
const FAR_TOO = "198.19.77.32";
const FAR6 = "fd00:198:77::31";
const NEAR = "198.18.0.31";
const ROUTED: LabSite = {
  allProtocols: true, failover: { profile: "fast", preemptDelaySeconds: 2 }, ipv6Addresses: [`${VIP6}/64`], owa: ["0.0.0.0/0", "::/0"], smtp: ["0.0.0.0/0", "::/0"],
  transparent: { ipv6: [IPV6.exch01, IPV6.exch02, IPV6.lb01, IPV6.lb02] },
};
const WITHOUT: LabSite = { ...ROUTED, transparent: undefined };
const SHOWN: LabSite = { ...ROUTED, transparent: { ...ROUTED.transparent, clients: true } };

let exchange: ExchangeSite;
let site: Site;
let lb01: Host;
let lb02: Host;
let exch: readonly Host[];
let card: string;

/** Returns the part of a deploy's output that comes from the hosts, in one line and without the plan. */
const said = (text: string): string => text.slice(Math.max(0, text.search(/remote-exec\): \[1/) - 200)).replace(/[│╷╵]/g, " ").replace(/\s+/g, " ");

/** Sets the default gateways of a member for IPv4 and IPv6. */
async function gateways(host: Host, ipv4: string, ipv6: string): Promise<void> {
  await host.must(`ip route replace default via ${ipv4} dev ${card}; ip -6 route replace default via ${ipv6} dev ${card}; ip route flush cache`);
}

/** Gives a host its IPv6 addresses, because the lab's hosts have only IPv4. */
async function onIpv6(name: keyof typeof IPV6): Promise<void> {
  await site.lab.host(name).must(`for address in ${IPV6[name]} ${LINK_LOCAL[name]}; do ip -6 address replace $address/64 dev ${card} nodad; done`);
}

/**
 * Sets a balancer's own IPv6 addresses and its routes to the clients in another network. They are in no configuration
 * file, so a restart of the network removes them. exchange-balancer-routing may have started without them, so this
 * function reloads that service.
 */
async function wayToClients(host: Host): Promise<void> {
  await onIpv6(host.name as "lb01" | "lb02");
  await host.must(`ip route replace 198.19.77.0/24 via ${NEAR} dev ${card}; ip -6 route replace fd00:198:77::/64 via ${IPV6.client} dev ${card}`);
  await host.must("! systemctl is-active --quiet exchange-balancer-routing || systemctl reload exchange-balancer-routing");
}

/** Lists what a host still has of transparent mode: rules, routes, tables, units and files. */
async function leftOn(host: Host): Promise<string[]> {
  const found = await host.must([
    "bash", "-c",
    "ip rule; ip -6 rule; ip route show table 20333 2>/dev/null; ip -6 route show table 20334 2>/dev/null; nft list tables 2>/dev/null; ls /etc/haproxy /usr/libexec/cdktf-exchange-balancer /run 2>/dev/null; find /etc/systemd -name '*routing*'; cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding; systemctl is-active exchange-balancer-routing; grep -h interface /etc/firewalld/zones/*.xml 2>/dev/null; true",
  ]);
  return found.split("\n").filter((line) => /2033|routing|way-back|^1$|^active$|<interface/.test(line));
}

/** Makes some HTTPS requests from an address. Returns the client addresses that Exchange saw. */
async function seenByHttps(from: string, at: string, count = 8): Promise<string[]> {
  const script = `for i in $(seq ${count}); do curl -sk -m 10 --interface ${from} https://${at}/owa/ | python3 -c 'import json,sys; print(json.load(sys.stdin)["client"].rsplit(":", 1)[0])' || echo nobody; done`;
  return [...new Set((await site.lab.client.must(script)).trim().split("\n"))];
}

/** Uses a mail protocol from an address with Python's mail libraries. Returns "served" or the error. */
async function speaks(protocol: "smtp" | "imap" | "pop3" | "submission", from: string, at: string): Promise<string> {
  const script = {
    smtp: `import smtplib; s = smtplib.SMTP("${at}", 25, timeout=10, source_address=("${from}", 0)); s.sendmail("x@lab.test", ["alice@lab.test"], "Subject: transparent\\r\\n\\r\\nhello"); s.quit()`,
    submission: `import smtplib; s = smtplib.SMTP("${at}", 587, timeout=10, source_address=("${from}", 0)); s.ehlo(); s.quit()`,
    imap: `import imaplib, socket
class Own(imaplib.IMAP4):
    def _create_socket(self, timeout): return socket.create_connection(("${at}", 143), 10, source_address=("${from}", 0))
c = Own("${at}"); c.starttls(); c.login("alice", "Passw0rd!"); c.logout()`,
    pop3: `import poplib, socket
class Own(poplib.POP3):
    def _create_socket(self, timeout): return socket.create_connection(("${at}", 110), 10, source_address=("${from}", 0))
c = Own("${at}"); c.stls(); c.user("alice"); c.pass_("Passw0rd!"); c.quit()`,
  }[protocol];
  const { status, stderr } = await site.lab.client.exec(["python3", "-"], { input: script, timeout: 60 });
  return status === 0 ? "served" : stderr.slice(-600);
}

interface Sessions { readonly sessions: { readonly smtp: { client: string }[]; readonly imap: { client: string; event: string; user: string | null }[] } }

async function mailClients(): Promise<{ smtp: string[]; imap: string[] }> {
  const logs = (await exchange.control("GET", "/log")).map((text) => JSON.parse(text) as Sessions);
  const clients = (key: "smtp" | "imap"): string[] => [...new Set(logs.flatMap(({ sessions }) => sessions[key]).map(({ client }) => client))];
  return { smtp: clients("smtp"), imap: clients("imap") };
}

beforeAll(async () => {
  exchange = await ExchangeSite.attach();
  site = exchange.site;
  ({ lb01, lb02 } = site);
  exch = site.lab.exchangeServers;
  card = site.lab.facts.interface;
  if (!NEW_ENOUGH) return;
  for (const name of ["exch01", "exch02", "client"] as const) await onIpv6(name);
  // A network behind the client, which the balancers have a way to.
  await site.lab.client.must(`for address in ${FAR} ${FAR_TOO}; do ip address replace $address/32 dev lo; done; ip -6 address replace ${FAR6}/128 dev lo nodad`);
  for (const host of [lb01, lb02]) await wayToClients(host);
  // As in a site before: the members' gateway is another router.
  for (const host of exch) await gateways(host, "198.18.0.1", "fd00:198:18::1");
  const { status, stdout, stderr } = await site.deploy(ROUTED);
  if (status !== 0) {
    process.stdout.write(`${(stdout + stderr).slice(-1500)}\n`);
    await site.fromBare();
    for (const host of [lb01, lb02]) await wayToClients(host);
    await site.mustDeploy(ROUTED);
  }
  await exchange.allUp();
}, 480_000);

afterAll(async () => {
  if (!NEW_ENOUGH) return;
  for (const host of exch) await host.exec("ip route delete default; ip -6 route delete default");
  await site.lab.client.exec(`ip address delete ${FAR}/32 dev lo; ip address delete ${FAR_TOO}/32 dev lo; ip -6 address delete ${FAR6}/128 dev lo`);
  await exchange.heal();
}, 60_000);

(NEW_ENOUGH ? test.skip : test)("the plan refuses transparent mode with an older HAProxy, because HAProxy would have to run as root", async () => {
  const { status, stdout, stderr } = await site.plan({ failover: { profile: "fast" }, transparent: { clients: true } });
  expect(status).not.toBe(0);
  expect(said(stdout + stderr)).toMatch(/transparentProxy must be left out with HAProxy [0-9.]+ \(lab\/Mail\/Master\), because this version would have to run as root/);
}, 60_000);

(NEW_ENOUGH ? describe : describe.skip)("transparent mode with a HAProxy that keeps its own user", () => {
  test("a member with another default gateway stops the deploy before transparent mode goes live, and the message names the member", async () => {
    await gateways(exch[1] as Host, VIP, VIP6);
    const before = await lb01.read("/etc/haproxy/haproxy.cfg");
    const { status, stdout, stderr } = await site.deploy(SHOWN);
    expect(status).toBe(1);
    expect(said(stdout + stderr)).toContain("exch01 (198.18.0.21) answers this node, but its answers to clients in other networks do not come back to this pair. Set its default gateway to 198.18.0.15");
    expect(said(stdout + stderr)).not.toContain("exch02 (198.18.0.22) answers");
    expect(await lb01.read("/etc/haproxy/haproxy.cfg")).toBe(before);
    expect(await lb02.read("/etc/haproxy/haproxy.cfg")).not.toContain("usesrc");
  }, 120_000);

  test("a member that sends its IPv6 answers to another gateway stops the deploy, even if its IPv4 answers come to the balancer", async () => {
    await gateways(exch[0] as Host, VIP, "fd00:198:18::1");
    const { status, stdout, stderr } = await site.deploy(SHOWN);
    expect(status).toBe(1);
    expect(said(stdout + stderr)).toContain(`exch01 (${IPV6.exch01}) answers this node, but its answers`);
    expect(said(stdout + stderr)).toContain(`Set its default gateway to ${VIP6}, which`);
    expect(said(stdout + stderr)).not.toContain("exch01 (198.18.0.21) answers");
  }, 120_000);

  test("transparent mode goes live if all members send their answers to the balancer, and clients under load do not notice the change", async () => {
    for (const host of exch) await gateways(host, VIP, VIP6);
    await site.underLoad(async () => { await site.mustDeploy(SHOWN); });
    await exchange.allUp();
    expect(await lb01.must("ps -o user= -C haproxy | sort -u")).toBe("haproxy\nroot\n");
  }, 240_000);

  test.each([["IPv4", FAR, VIP], ["IPv6", FAR6, `[${VIP6}]`]])("Exchange sees the client's address for HTTPS, over %s", async (_, from, at) => {
    expect(await seenByHttps(from, at)).toEqual([from]);
  }, 60_000);

  test("two clients never share a connection to a member", async () => {
    const script = (from: string): string => `curl -sk -m 10 --interface ${from} https://${VIP}/owa/ | python3 -c 'import json,sys; print(json.load(sys.stdin)["client"].rsplit(":", 1)[0])'`;
    const seen = await site.lab.client.must(`for i in $(seq 6); do ${script(FAR)}; ${script(FAR_TOO)}; done`);
    expect(seen.trim().split("\n")).toEqual(Array.from({ length: 6 }, () => [FAR, FAR_TOO]).flat());
  }, 60_000);

  test.each([["IPv4", FAR, VIP], ["IPv6", FAR6, VIP6]])("Exchange sees the client's address for SMTP, submission, IMAP and POP3, over %s", async (_, from, at) => {
    await exchange.forget();
    for (const protocol of ["smtp", "submission", "imap", "pop3"] as const) expect([protocol, await speaks(protocol, from, at)]).toEqual([protocol, "served"]);
    await site.until("postfix and dovecot have written who it was", 10, async () => (await mailClients()).imap.includes(from) && (await mailClients()).smtp.includes(from));
    // The health checks of both nodes are the only others.
    const nodes = [...site.lab.balancers.map(({ address }) => address), IPV6.lb01, IPV6.lb02, VIP6];
    const { smtp, imap } = await mailClients();
    expect([...smtp, ...imap].filter((client) => client !== from && !nodes.includes(client))).toEqual([]);
  }, 120_000);

  test("for clients in the members' own network, and for the members themselves, Exchange sees the balancer's address", async () => {
    expect(await seenByHttps(NEAR, VIP)).toEqual([lb01.address]);
    expect([IPV6.lb01, VIP6]).toEqual(expect.arrayContaining(await seenByHttps(IPV6.client, `[${VIP6}]`)));
    const { stdout } = await (exch[0] as Host).exec(["bash", "-c", `for i in $(seq 6); do curl -sk -m 10 -o /dev/null -w '%{http_code} ' https://${VIP}/owa/; done`]);
    expect(stdout.trim()).toBe("200 200 200 200 200 200");
  }, 60_000);

  test("only members reach other networks through the pair", async () => {
    const { stdout } = await (exch[0] as Host).exec(`ping -c 1 -W 2 ${FAR} | grep -c '1 received'`);
    expect(stdout.trim()).toBe("1");
    await must(inNamespace(["ip", "route", "replace", FAR, "via", VIP]));
    const other = await site.lab.inNamespace(["ping", "-c", "1", "-W", "2", "-I", "198.18.0.1", FAR]);
    await must(inNamespace(["ip", "route", "delete", FAR]));
    expect(other.status).not.toBe(0);
  }, 30_000);

  test("transparent mode survives a reload of firewalld and a restart of networkd, and a second deploy changes nothing", async () => {
    await lb01.must("firewall-cmd --reload");
    expect(await seenByHttps(FAR, VIP)).toEqual([FAR]);
    expect(await seenByHttps(FAR6, `[${VIP6}]`)).toEqual([FAR6]);
    await lb01.must("systemctl restart systemd-networkd; sleep 3");
    await wayToClients(lb01);
    await site.until("the first node has the address", 20, async () => (await site.holders()).join() === "lb01");
    expect(await seenByHttps(FAR, VIP)).toEqual([FAR]);
    expect((await site.plan(SHOWN)).stdout).toContain("No changes");
  }, 120_000);

  test("after a failover, Exchange sees the clients' own addresses again within 3 s, and the backup can check the members", async () => {
    const away = await outage(site.lab.client, VIP, 15, () => lb01.must("systemctl stop keepalived"));
    process.stdout.write(`    no node answered on the address for ${away.toFixed(2)} s\n`);
    const began = Date.now();
    await site.until("a far client is served with its address", 20, async () => (await seenByHttps(FAR, VIP, 1)).join() === FAR);
    expect(away).toBeLessThan(3);
    process.stdout.write(`    a client in another network was served with its own address ${((Date.now() - began) / 1000).toFixed(2)} s later\n`);
    expect(Date.now() - began).toBeLessThan(3000);
    expect(await seenByHttps(FAR6, `[${VIP6}]`)).toEqual([FAR6]);
    for (const protocol of ["smtp", "imap"] as const) expect(await speaks(protocol, FAR, VIP)).toBe("served");
    await lb01.must("systemctl start keepalived");
    await site.until("the first node has the address", 30, async () => (await site.holders()).join() === "lb01");
    expect((await lb02.exec("sh /usr/libexec/cdktf-exchange-balancer/routing --before-live x")).stdout).toBe("");
    expect((await lb01.exec("sh /usr/libexec/cdktf-exchange-balancer/routing --before-live x")).stdout).toBe("");
  }, 120_000);

  test("transparent mode survives a reboot of each node", async () => {
    for (const [host, other] of [[lb01, "lb02"], [lb02, "lb01"]] as const) {
      await host.shutDown();
      await site.until(`${other} has the address`, 30, async () => (await site.holders()).join() === other);
      await host.start();
      await host.must("systemctl is-active exchange-balancer-routing; ip rule | grep -q 20333; nft list table inet exchange_balancer_routing | grep -q near4");
      await wayToClients(host);
      await site.until("lb01 has the address", 60, async () => (await site.holders()).join() === "lb01");
    }
    await exchange.allUp();
    expect(await seenByHttps(FAR, VIP)).toEqual([FAR]);
    await lb01.must("systemctl stop keepalived");
    await site.until("lb02 serves a far client with its address", 20, async () => (await seenByHttps(FAR, VIP, 1)).join() === FAR);
    await lb01.must("systemctl start keepalived");
    await site.until("the first node has the address", 30, async () => (await site.holders()).join() === "lb01");
  }, 240_000);

  test("after transparent mode is turned off, the hosts keep no trace of it, and clients are served as before", async () => {
    await site.mustDeploy(ROUTED);
    expect(await seenByHttps(NEAR, VIP)).toEqual([lb01.address]);
    expect(await seenByHttps(FAR, VIP)).toEqual([lb01.address]);
    await site.mustDeploy(WITHOUT);
    for (const host of [lb01, lb02]) {
      expect(await leftOn(host)).toEqual([]);
      expect(await host.must("cat /var/lib/cdktf-exchange-balancer/before")).not.toContain("routing");
      expect(await host.must("firewall-cmd --list-interfaces; firewall-cmd --permanent --list-interfaces")).toBe("\n\n");
    }
    expect(await seenByHttps(FAR, VIP)).toEqual([lb01.address]);
  }, 240_000);

  test("if a deploy that turns transparent mode on is rolled back, the hosts keep no trace of this mode's routing", async () => {
    // keepalived comes after it.
    await lb02.must("mkdir -p /run/systemd/system/keepalived.service.d; printf '[Service]\\nExecStartPre=/bin/false\\n' >/run/systemd/system/keepalived.service.d/broken.conf; systemctl daemon-reload; systemctl stop keepalived");
    const { status, stdout, stderr } = await site.deploy(ROUTED);
    await lb02.must("rm -r /run/systemd/system/keepalived.service.d; systemctl daemon-reload");
    expect(status).toBe(1);
    expect(said(stdout + stderr)).toContain("starting exchange-balancer-routing");
    expect(said(stdout + stderr)).toContain("keepalived did not start");
    for (const host of [lb01, lb02]) expect(await leftOn(host)).toEqual([]);
  }, 120_000);

  test("after cdktf destroy with removalPolicy `destroy`, the hosts keep no trace of transparent mode", async () => {
    await site.mustDeploy({ ...ROUTED, removalPolicy: "destroy" });
    await lb02.must("nft list table inet exchange_balancer_routing; ip rule | grep 20333");
    expect((await site.deployment.destroy()).status).toBe(0);
    for (const host of [lb01, lb02]) expect(await leftOn(host)).toEqual([]);
    site.forgetState();
  }, 240_000);
});
