import type { LabSite } from "../../examples/lab/main";
import { installed } from "./shapes";
import { Site } from "./site";

// Hosts that served before this library came, and hosts with programs of somebody else's.

let site: Site;
/** A site with only one balancer, for tests that do not need the other one. */
const ALONE: LabSite = { nodes: ["lb02"] };

beforeAll(async () => {
  site = await Site.attach();
}, 60_000);

beforeEach(async () => site.fromBare(), 120_000);

const HAPROXY = `global
  daemon
defaults
  mode tcp
  timeout connect 5s
  timeout client 1m
  timeout server 1m
listen mail
  bind :443
  bind :8080
  server exch01 198.18.0.21:443
listen stats
  bind 127.0.0.1:9999
  mode http
  stats enable
`;
const KEEPALIVED = `vrrp_instance OLD {
  state MASTER
  interface host0
  virtual_router_id 51
  priority 100
  virtual_ipaddress {
    198.18.0.15/24
    198.18.0.16/24 dev host0 # the intranet's
  }
}
`;

test("a deploy over a handmade balancer prints what would no longer be served, and replaces the balancer's files only if the prop `takeOver` is set", async () => {
  const { lb02 } = site;
  await installed(lb02, "haproxy", "keepalived");
  await lb02.must("cat > /etc/haproxy/haproxy.cfg", { input: HAPROXY });
  await lb02.must("cat > /etc/keepalived/keepalived.conf", { input: KEEPALIVED });
  await lb02.must("systemctl restart haproxy keepalived");
  const configs = (): Promise<string> => lb02.must("cat /etc/haproxy/haproxy.cfg /etc/keepalived/keepalived.conf");
  const pid = (): Promise<string> => lb02.must("systemctl show --property=MainPID --value haproxy");
  const before = await pid();

  const refused = await site.deploy();
  expect(refused.status).not.toBe(0);
  expect(refused.stdout).toContain("after this deploy this host would no longer serve 8080/tcp (haproxy), 198.18.0.16 (keepalived). Nothing was changed.");
  expect(await configs()).toBe(HAPROXY + KEEPALIVED);

  await lb02.must("cp /etc/haproxy/haproxy.cfg /etc/haproxy/mysite.cfg && echo CONFIG=/etc/haproxy/mysite.cfg >> /etc/default/haproxy && systemctl restart haproxy");
  const overridden = await site.deploy({ ...ALONE, takeOver: true });
  expect(overridden.status).not.toBe(0);
  expect(overridden.stdout).toContain("haproxy.service loads /etc/haproxy/mysite.cfg instead of /etc/haproxy/haproxy.cfg, which comes from /etc/default/haproxy (CONFIG=/etc/haproxy/mysite.cfg).");
  expect(await configs()).toBe(HAPROXY + KEEPALIVED);

  await lb02.must("sed -i /^CONFIG=/d /etc/default/haproxy && systemctl restart haproxy");
  const running = await pid();
  expect(running).not.toBe(before);
  const output = await site.mustDeploy({ ...ALONE, takeOver: true });
  expect(output).toContain("after this deploy, this host no longer serves 8080/tcp (haproxy)");
  expect(await pid()).toBe(running);
  expect(await site.mustDeploy(ALONE)).not.toContain("FAILED");
}, 600_000);

describe("a pair made by hand whose backup node holds the address", () => {
  /**
   * Sets up a pair by hand. Its nodes use VRRP by multicast, and lb02, the backup in the props, has the higher
   * priority.
   */
  const byHand = async (): Promise<void> => {
    for (const [host, priority] of [[site.lb02, 150], [site.lb01, 100]] as const) {
      await installed(host, "haproxy", "keepalived");
      await host.must("cat > /etc/haproxy/haproxy.cfg", { input: HAPROXY.replace("  bind :8080\n", "") });
      await host.must("cat > /etc/keepalived/keepalived.conf", { input: KEEPALIVED.replace("priority 100", `priority ${priority}`).replace("state MASTER", "state BACKUP").replace(/^.*intranet's\n/m, "") });
      await host.must("systemctl restart haproxy keepalived");
    }
    await site.until("lb02 alone holds the address", 20, async () => (await site.holders()).join() === "lb02");
  };

  test("if the backup of a handmade pair holds the address, a deploy stops before anything changes, and succeeds after the steps of docs/adopting.md", async () => {
    await byHand();
    const before = await site.lb02.must("cat /etc/haproxy/haproxy.cfg /etc/keepalived/keepalived.conf");
    const refused = await site.deploy();
    expect(refused.status).not.toBe(0);
    expect(refused.stdout).toContain("this host holds 198.18.0.15, and the other node, 198.18.0.11, serves clients without this library. If the keepalived on 198.18.0.11 has other VRRP settings than your props, both nodes would hold the address after this deploy.");
    expect(refused.stdout).toContain("; nothing else was changed. Move the address to 198.18.0.11 first (docs/adopting.md");
    expect(await site.lb02.must("cat /etc/haproxy/haproxy.cfg /etc/keepalived/keepalived.conf")).toBe(before);
    expect(await site.holders()).toEqual(["lb02"]);

    await site.lb02.must("systemctl stop keepalived");
    await site.until("lb01 holds the address", 20, async () => (await site.holders()).join() === "lb01");
    const held: string[][] = [];
    const watching = { goesOn: true };
    const watch = (async () => {
      while (watching.goesOn) {
        held.push(await site.holders());
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    })();
    const output = await site.mustDeploy();
    watching.goesOn = false;
    await watch;
    expect(output).toContain("198.18.0.15 is held by this host");
    expect(await site.holders()).toEqual(["lb01"]);
    // At no time did both nodes hold it.
    expect(held.filter(({ length }) => length > 1)).toEqual([]);
  }, 900_000);
});

test("errors in other rsyslog files do not stop a deploy", async () => {
  const { lb02 } = site;
  await installed(lb02, "rsyslog");
  await lb02.must("cat > /etc/rsyslog.d/60-site.conf", { input: 'module(load="imudp")\n$NoSuchDirective on\n' });
  const output = await site.mustDeploy(ALONE);
  expect(output).toContain("rsyslogd -N1 reports errors in files that are not from this library");
  expect((await site.curl(`https://${lb02.address}/owa/`)).status).toBeGreaterThan(0);
  await site.until("the request is logged", 10, async () => (await lb02.exec("grep -c owa /var/log/haproxy.log")).status === 0);
}, 500_000);
