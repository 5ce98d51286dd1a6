import type { Host } from "./hosts";
import { offerNextRelease } from "./next-release";
import { outage } from "./outage";
import { Site } from "./site";
import { type System, SYSTEMS } from "./systems";

// The system under a pair is upgraded by hand, as administrators do it: real apt, the next release's real packages.

let site: Site;
let next: System;

const VIP = "198.18.0.15";
const APPLY = "/usr/libexec/cdktf-exchange-balancer/apply.sh";
const UPGRADE = "DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Options::=--force-confold";

beforeAll(async () => {
  site = await Site.attach();
  const { debian, next: to } = site.lab.system;
  if (to === undefined) throw new Error(`The lab has no next release for ${site.lab.facts.suite}. Run this suite with EXLAB_SUITE=bullseye.`);
  next = SYSTEMS[to];
  await site.fromBare();
  await site.mustDeploy();
  await Promise.all(site.lab.balancers.map((host) => offerNextRelease(host, debian, to)));
}, 900_000);

const version = async (host: Host): Promise<number> => Number(/version (\d+\.\d+)/.exec(await host.must("haproxy -v"))?.[1]);

const serves = (): Promise<number> => site.until("the address is served", 60, async () => (await site.curl(`https://${VIP}/owa/`)).status === 200);

const heldBy = (name: string): Promise<number> => site.until(`${name} alone holds the address`, 60, async () => (await site.holders()).join() === name);

/** Returns the differences between a host and its last delivery. */
const drift = async (host: Host): Promise<string> => (await host.exec(`sh ${APPLY} --drift`)).stdout;

test("if apt upgrades only HAProxy on the backup node, the delivered files, the services and the address do not change, and a deploy prints that this HAProxy is newer than the files", async () => {
  const { lb02 } = site;
  const before = await version(lb02);
  const log = await lb02.must(`${UPGRADE} install haproxy 2>&1`, { timeout: 600 });
  expect(log).toContain("Setting up haproxy");
  expect(await version(lb02)).toBe(next.haproxy);
  expect(next.haproxy).toBeGreaterThan(before);
  expect(await drift(lb02)).toContain("nothing has changed since the deploy");
  expect((await lb02.must("systemctl is-active haproxy keepalived")).trim().split("\n")).toEqual(["active", "active"]);
  expect(await site.holders()).toEqual(["lb01"]);

  const output = await site.mustDeploy({ maxconn: 4201 });
  expect(output).toContain(`the files are for haproxy ${before}, and this host has the newer version ${await exact(lb02)}. To use the features of the newer version, set the node's prop os to the host's versions`);
  expect(await lb02.read("/etc/haproxy/haproxy.cfg")).toContain("maxconn     4201");
  await serves();
}, 900_000);

const exact = async (host: Host): Promise<string> => /version (\d+\.\d+\.\d+)/.exec(await host.must("haproxy -v"))?.[1] ?? "";

test("clients are served while the backup node is upgraded to the next Debian release, and then a deploy for the old release is refused", async () => {
  const { lb01, lb02 } = site;
  await site.underLoad(async () => {
    await lb02.must(`${UPGRADE} dist-upgrade >/var/log/upgrade.log 2>&1 </dev/null`, { timeout: 550 });
  });
  await lb02.shutDown();
  await lb02.start();
  expect(await lb02.read("/etc/os-release")).toMatch(new RegExp(next.prettyName));
  expect(await drift(lb02)).toContain("nothing has changed since the deploy");
  expect((await lb02.must("systemctl is-active haproxy keepalived firewalld")).trim().split("\n")).toEqual(["active", "active", "active"]);
  expect(await site.holders()).toEqual(["lb01"]);
  const { status, stdout } = await site.deploy({ maxconn: 4202 });
  expect(status).not.toBe(0);
  expect(stdout).toMatch(/\[198\.18\.0\.12\] FAILED: the node's prop os is for version \d+, but this host is .*\. Nothing was changed\. Set the node's prop os to this host's system\./);
  expect(await lb01.read("/etc/haproxy/haproxy.cfg")).toContain("maxconn     4201");
}, 900_000);

test("a backup node with the next Debian release takes the address from a master with the old release", async () => {
  const away = await outage(site.lab.client, VIP, 20, () => site.lb01.must("kill -KILL $(pidof haproxy)"));
  process.stdout.write(`    HAProxy killed on the old release: the address was away for ${away} s\n`);
  expect(away).toBeLessThan(3);
  await heldBy("lb01");
}, 120_000);

// A keepalived that is only disabled is enabled and started by the package's own upgrade, in the middle of it.
test("if apt upgrades the master to the next Debian release while the master's keepalived is masked, no request is lost; after the unmasking, the master takes the address back, although its delivered files are still those for the old release", async () => {
  const { lb01 } = site;
  const moved = await outage(site.lab.client, VIP, 20, () => lb01.must("systemctl mask --now keepalived"));
  await heldBy("lb02");
  await site.underLoad(async () => {
    await lb01.must(`${UPGRADE} dist-upgrade >/var/log/upgrade.log 2>&1 </dev/null`, { timeout: 550 });
  });
  expect(await site.holders()).toEqual(["lb02"]);
  await lb01.shutDown();
  await lb01.start();
  await lb01.must("systemctl unmask keepalived && systemctl start keepalived");
  await heldBy("lb01");
  process.stdout.write(`    keepalived stopped: the address was away for ${moved} s\n`);
  expect(moved).toBeLessThan(3);
  expect(await drift(lb01)).toContain("nothing has changed since the deploy");
  await serves();
}, 900_000);

test("after the upgrade, a deploy with the new value of `os` delivers files for the new HAProxy; if haproxy is then killed, the address is served again within 3 s; the next plan has no changes", async () => {
  const { lb01, lb02 } = site;
  const os = site.lab.system.next ?? "";
  const output = await site.mustDeploy({ maxconn: 4201, os });
  expect(output).not.toContain("the files are for");
  for (const host of [lb01, lb02]) {
    expect(await host.read("/var/lib/cdktf-exchange-balancer/manifest")).toContain(`os ${next.os}\n`);
    expect(await drift(host)).toContain("nothing has changed since the deploy");
  }
  const away = await outage(site.lab.client, VIP, 20, () => lb01.must("kill -KILL $(pidof haproxy)"));
  process.stdout.write(`    HAProxy killed on the new release: the address was away for ${away} s\n`);
  expect(away).toBeLessThan(3);
  await heldBy("lb01");
  expect((await site.plan({ maxconn: 4201, os })).stdout).toContain("No changes");
}, 300_000);
