import { readFileSync, rmSync } from "node:fs";
import * as path from "node:path";
import type { LabSite } from "../../examples/lab/main";
import { VRRP_PASSWORD } from "./facts";
import type { Host } from "./hosts";
import { inState, REPOSITORY } from "./paths";
import { Site } from "./site";
import { Deployment, typescriptApp } from "./terraform";

// A deploy that is cut off at its worst moments: the host has all of the old or all of the new, serves, and
// the next deploy converges.

let site: Site;
const VIP = "198.18.0.15";
const JOURNAL = "/var/lib/cdktf-exchange-balancer/journal";

beforeAll(async () => {
  site = await Site.attach();
  if ((await site.deploy({ maxconn: 4300 })).status !== 0) {
    await site.fromBare();
    await site.mustDeploy({ maxconn: 4300 });
  }
  await site.until("the address is served", 15, async () => (await site.curl(`https://${VIP}/owa/`)).status === 200);
}, 240_000);

/** The first line of the private key's base64 text. */
function keyText(): string {
  const pem = readFileSync(site.lab.facts.pemPath, "utf8");
  return pem.slice(pem.indexOf("PRIVATE KEY")).split("\n")[1] ?? "";
}

/** Makes haproxy's reload take 12 s, so that a test can interrupt it. */
async function slowReload(host: Host): Promise<void> {
  await host.must(
    "mkdir -p /run/systemd/system/haproxy.service.d && printf '[Service]\\nExecReload=\\nExecReload=/bin/sleep 12\\nExecReload=/bin/kill -USR2 $MAINPID\\n' >/run/systemd/system/haproxy.service.d/slow.conf && systemctl daemon-reload",
  );
}
const quickReload = (host: Host): Promise<string> => host.must("rm -rf /run/systemd/system/haproxy.service.d && systemctl daemon-reload");
const swapped = (host: Host, maxconn: number): Promise<unknown> =>
  site.until("the files are swapped", 30, async () => (await host.exec(`test -f ${JOURNAL} && grep -q 'maxconn     ${maxconn}' /etc/haproxy/haproxy.cfg`)).status === 0);
const maxconnOf = async (host: Host): Promise<string> => (await host.must("grep -m 1 -o '^ *maxconn .*' /etc/haproxy/haproxy.cfg")).replace(/\s+/g, " ").trim();
const running = (host: Host): Promise<string> => host.must("exec 3<>/dev/tcp/127.0.0.1/8404; echo 'show info' >&3; grep ^Maxconn: <&3");

/**
 * Waits until the host has a file whose path matches the pattern `condition`, then ends all ssh sessions of the host
 * and stops its sshd.
 */
async function cutSshWhen(host: Host, condition: string): Promise<void> {
  const unit = site.lab.system.sshUnit;
  await host.must(
    // Stopped first, by bash itself, so that the next connection does not come in while systemctl starts.
    `systemd-run --unit=saboteur --collect bash -c 'main=$(systemctl show --property=MainPID --value ${unit}); for i in $(seq 3000); do if compgen -G "${condition}" >/dev/null; then kill -STOP $main; systemctl stop ${unit}; for p in $(pgrep -f "^sshd(-session)?: root"); do kill -9 $p; done; exit; fi; sleep 0.01; done'`,
  );
}
const sshAgain = (host: Host): Promise<string> => host.must(`systemctl stop saboteur 2>/dev/null; systemctl start ${site.lab.system.sshUnit}`);

/**
 * Lets the hosts accept a deploy with another Terraform state. By default they refuse such a deploy, because two states
 * would undo each other's deploys (daytwo.lab.ts tests this).
 */
const ANY_STATE: LabSite = { overrule: "2099-12-31T23:59:59Z" };
/** Settings that also change `redeliver`. Without this change, a deploy does not send unchanged secrets again. */
const again = (maxconn: number): LabSite => ({ maxconn, redeliver: String(maxconn) });

test.each([
  ["while the bundle arrives", "/root/.cdktf-exchange-balancer-inbox-*", { maxconn: 4301 }],
  ["while the secrets are on their way", "/root/.cdktf-exchange-balancer-inbox-*/secrets", again(4302)],
  ["while the files are being swapped", JOURNAL, { maxconn: 4303 }],
])("if ssh is cut off %s, the host afterwards has only complete files, and serves", async (_, condition, change) => {
  const { maxconn } = change;
  const before = await maxconnOf(site.lb02);
  await cutSshWhen(site.lb02, condition);
  const { status } = await site.deploy(change);
  await sshAgain(site.lb02);
  expect(status).not.toBe(0);
  // The process that waits for secrets does so for a minute.
  await site.until("what has begun is finished", 90, async () => (await site.lb02.exec("pgrep -f [a]pply.sh")).status !== 0);
  expect([before, `maxconn ${maxconn}`]).toContain(await maxconnOf(site.lb02));
  expect(await running(site.lb02)).toBe(`${(await maxconnOf(site.lb02)).replace("maxconn", "Maxconn:")}\n`);
  expect((await site.lb02.exec(["test", "-f", JOURNAL])).status).toBe(1);
  expect((await site.curl("https://198.18.0.12/owa/")).status).toBe(200);
  // The master was not touched.
  expect(await maxconnOf(site.lb01)).not.toBe(`maxconn ${maxconn}`);
  await site.mustDeploy(change);
  expect(await maxconnOf(site.lb01)).toBe(`maxconn ${maxconn}`);
}, 180_000);

test("a node that loses power while HAProxy reloads boots with the previous files, and serves", async () => {
  const before = await maxconnOf(site.lb02);
  await slowReload(site.lb02);
  const deploy = site.deploy({ maxconn: 4304 });
  await swapped(site.lb02, 4304);
  await site.lb02.powerOff();
  await site.lb02.start();
  expect((await deploy).status).not.toBe(0);
  await site.until("haproxy serves", 15, async () => (await site.curl("https://198.18.0.12/owa/")).status === 200);
  expect(await maxconnOf(site.lb02)).toBe(before);
  expect((await site.lb02.exec(["test", "-f", JOURNAL])).status).toBe(1);
  expect(await site.lb02.must("journalctl --boot --no-pager --quiet -o cat -u cdktf-exchange-balancer-recovery")).toContain(
    "a deploy was cut off; restoring the previous files",
  );
  await site.mustDeploy({ maxconn: 4304 });
  expect(await maxconnOf(site.lb02)).toBe("maxconn 4304");
}, 180_000);

test("if apply.sh is killed while HAProxy reloads, the next deploy first restores the previous files", async () => {
  await slowReload(site.lb02);
  const deploy = site.deploy({ maxconn: 4305 });
  await swapped(site.lb02, 4305);
  await site.lb02.must("pkill -9 -f [a]pply.sh");
  expect((await deploy).status).not.toBe(0);
  await quickReload(site.lb02);
  const output = await site.mustDeploy({ maxconn: 4306 });
  expect(output).toContain("[198.18.0.12] an earlier deploy was cut off; restoring the previous files first");
  expect(output).not.toContain("was edited or removed");
  expect(await running(site.lb02)).toBe("Maxconn: 4306\n");
}, 180_000);

test("a second deploy waits for the running one, and afterwards each host has the complete files of one deploy", async () => {
  await slowReload(site.lb02);
  rmSync(inState("deploy", "other"), { recursive: true, force: true });
  // From another machine, with a state of its own.
  const other = new Deployment(inState("deploy", "other"), typescriptApp(path.join(REPOSITORY, "examples/lab/main.ts")), {
    EXLAB_SITE: JSON.stringify({ maxconn: 4308, ...ANY_STATE }),
  });
  const first = site.deploy({ maxconn: 4307, ...ANY_STATE });
  await swapped(site.lb02, 4307);
  const [one, two] = await Promise.all([first, other.deploy()]);
  await quickReload(site.lb02);
  expect([one.status, two.status]).toEqual([0, 0]);
  for (const host of site.lab.balancers) {
    expect(["maxconn 4307", "maxconn 4308"]).toContain(await maxconnOf(host));
    expect(await running(host)).toBe(`${(await maxconnOf(host)).replace("maxconn", "Maxconn:")}\n`);
  }
  expect(await site.mustDeploy({ maxconn: 4309, ...ANY_STATE })).not.toContain("was edited or removed");
}, 180_000);

test("three deploys at the same time with the same secrets all succeed", async () => {
  // Any of the three may come first.
  const same = { ...again(4320), ...ANY_STATE };
  const others = [1, 2].map((number) => {
    const work = inState("deploy", `other-${number}`);
    rmSync(work, { recursive: true, force: true });
    return new Deployment(work, typescriptApp(path.join(REPOSITORY, "examples/lab/main.ts")), { EXLAB_SITE: JSON.stringify(same) });
  });
  const outcomes = await Promise.all([site.deploy(same), ...others.map((other) => other.deploy())]);
  expect(outcomes.map(({ status, stdout, stderr }) => (status === 0 ? "" : `${stdout}${stderr}`.slice(-2000)))).toEqual(["", "", ""]);
  for (const host of site.lab.balancers) expect(await running(host)).toBe("Maxconn: 4320\n");
  await site.mustDeploy({ maxconn: 4309, ...ANY_STATE });
}, 240_000);

test("if apply.sh is killed while packages are installed, the next deploy finishes the installation and leaves no service masked", async () => {
  const host = site.lb02;
  const { lockFile, removeAlone } = site.lab.system.packages;
  await host.must(`systemctl stop keepalived; ${removeAlone("keepalived")}; systemctl daemon-reload`);
  // The package manager waits for its lock, so there is a middle of the installation.
  await host.must(
    `systemd-run --unit=holder --collect python3 -c 'import fcntl, time; f = open("${lockFile}", "a"); fcntl.lockf(f, fcntl.LOCK_EX); time.sleep(300)'`,
  );
  const deploy = site.deploy({ maxconn: 4321 });
  // Debian 11 leaves the service of a removed package masked. So only the stored list shows that the deploy has masked it.
  await site.until("the deploy has masked keepalived", 60, async () =>
    (await host.exec("cat /var/lib/cdktf-exchange-balancer/masked; find /run/systemd/system -lname /dev/null")).stdout.split("\n").filter((line) => /(^|[/])keepalived([.]service)?$/.test(line)).length === 2);
  await host.must("pkill -9 -f [a]pply.sh; pkill -9 'apt-get|dnf'; systemctl stop holder; true");
  expect((await deploy).status).not.toBe(0);
  const output = await site.mustDeploy({ maxconn: 4321 });
  expect(output).toContain("[198.18.0.12] an earlier deploy was cut off while it installed packages; finishing this installation first");
  expect((await host.must("systemctl is-active keepalived; systemctl is-enabled keepalived")).trim().split("\n")).toEqual(["active", "enabled"]);
  expect((await host.exec("ls /var/lib/cdktf-exchange-balancer/masked; find /run/systemd/system -lname /dev/null")).stdout).toBe("");
  await site.mustDeploy({ maxconn: 4309 });
}, 240_000);

test("no process has a secret in its arguments, and a deploy that is cut off leaves no secret on a host", async () => {
  const sampler = (folder: string): string => `rm -f ${folder}/args; for i in $(seq 400); do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | sort -u >>${folder}/args; sleep 0.05; done`;
  for (const host of site.lab.balancers) await host.must(["systemd-run", "--unit=sampler", "--collect", "--working-directory=/root", "bash", "-c", sampler("/root")]);
  await cutSshWhen(site.lb02, "/root/.cdktf-exchange-balancer-inbox-*/secrets");
  const { status, stdout, stderr } = await site.deploy(again(4310));
  await sshAgain(site.lb02);
  expect(status).not.toBe(0);
  await site.mustDeploy(again(4310));
  // The pipe that waits for secrets goes after a minute at the latest.
  await cutSshWhen(site.lb02, "/root/.cdktf-exchange-balancer-inbox-*/secrets");
  expect((await site.deploy(again(4311))).status).not.toBe(0);
  await sshAgain(site.lb02);
  const inKey = keyText();
  expect(inKey.length).toBeGreaterThan(20);
  for (const text of [stdout, stderr]) {
    expect(text).not.toContain(inKey);
    expect(text).not.toContain(VRRP_PASSWORD);
  }
  await site.until("nothing is left", 110, async () => (await site.lb02.exec("ls -d /root/.cdktf-exchange-balancer-inbox-*/secrets")).status !== 0);
  for (const host of site.lab.balancers) {
    await host.exec("systemctl stop sampler");
    expect((await host.exec(["grep", "-c", "-F", "-e", inKey, "-e", `auth_pass ${VRRP_PASSWORD}`, "-e", Buffer.from(`auth_pass ${VRRP_PASSWORD}`).toString("base64").slice(0, 20), "/root/args"])).stdout).toBe("0\n");
    expect(Number(await host.must("wc -l </root/args"))).toBeGreaterThan(1000);
    await host.must("rm /root/args");
    const found = await host.exec(`grep -rlsF -e '${inKey}' -e '${VRRP_PASSWORD}' /root /tmp /var/tmp /home /run 2>/dev/null`);
    expect(found.stdout).toBe("");
  }
  await site.mustDeploy();
}, 240_000);

test("apply.sh --drift lists edited files on a host, and a deploy with a new `redeliver` overwrites these files", async () => {
  await site.mustDeploy({ redeliver: "before" });
  const drift = "sh /usr/libexec/cdktf-exchange-balancer/apply.sh --drift";
  expect((await site.lb02.must(drift)).trim()).toMatch(/nothing has changed since the deploy by version \S+ of the library$/);
  await site.lb02.must("sed -i '$ a # edited' /etc/haproxy/haproxy.cfg; chmod 0666 /etc/keepalived/keepalived.conf; rm /etc/haproxy/haproxy_ecp_whitelist.lst");
  const { status, stdout } = await site.lb02.exec(drift);
  expect(status).toBe(3);
  expect(stdout.trim().split("\n").map((line) => line.replace(/^\[\w+\] /, "")).sort()).toEqual([
    "/etc/haproxy/haproxy.cfg was edited",
    "/etc/haproxy/haproxy_ecp_whitelist.lst was removed",
    "/etc/keepalived/keepalived.conf was edited",
  ]);
  // Terraform sees no difference until it is asked to go over the hosts again.
  expect((await site.plan({ redeliver: "before" })).status).toBe(0);
  const output = await site.mustDeploy({ redeliver: "2026-11-24" });
  expect(output.match(/(\S+) was edited or removed on the host/g)).toHaveLength(3);
  expect(output).toContain("[198.18.0.11] nothing to change, nothing reloaded");
  await site.lb02.must(drift);
}, 120_000);
