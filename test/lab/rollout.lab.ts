import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { CertificateMismatch } from "cdktf-exchange-balancer";
import type { LabSite } from "../../examples/lab/main";
import { CERTIFICATES } from "./certificates";
import { must } from "./run";
import { Site } from "./site";

// A change reaches the hosts: who notices, what is read anew, and who is waited for.

let site: Site;
const VIP = "198.18.0.15";
const scratch = mkdtempSync(path.join(tmpdir(), "exlab-rollout-"));

beforeAll(async () => {
  site = await Site.attach();
  if ((await site.deploy()).status !== 0) {
    await site.fromBare();
    await site.mustDeploy();
  }
  await site.until("lb01 alone holds the address", 20, async () => (await site.holders()).join() === "lb01");
  await site.until("the address is served", 15, async () => (await site.curl(`https://${VIP}/owa/`)).status === 200);
}, 240_000);

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The services that a deploy reloaded or started, in order. */
const reloads = (output: string): string[] => output.match(/(reloading|starting) \w+/g) ?? [];

const control = (server: string, method: string, body = ""): Promise<string> =>
  site.lab.host(server).must(["curl", "-sf", "-X", method, "-d", body, "http://localhost:8025/control"]);

/**
 * Renews the lab's certificate: issues a new one for the same names with the lab's CA. Returns the path of its PEM
 * file.
 */
async function renewedPem(): Promise<string> {
  const at = (name: string): string => path.join(scratch, name);
  writeFileSync(at("ext"), "subjectAltName=DNS:mail.lab.test,DNS:autodiscover.lab.test,DNS:exch01.lab.test,DNS:exch02.lab.test\nextendedKeyUsage=serverAuth\n");
  await must(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=mail.lab.test", "-keyout", at("key"), "-out", at("csr")]);
  await must(["openssl", "x509", "-req", "-in", at("csr"), "-CA", CERTIFICATES.root, "-CAkey", CERTIFICATES.rootKey, "-CAcreateserial", "-days", "30", "-extfile", at("ext"), "-out", at("crt")]);
  writeFileSync(at("pem"), ["crt", "key"].map((name) => readFileSync(at(name), "utf8")).join("") + readFileSync(CERTIFICATES.root, "utf8"), { mode: 0o600 });
  return at("pem");
}

test("mail clients of every kind lose no request during nine deploys that reload services", async () => {
  const pemPath = await renewedPem();
  const haproxyOnBoth = ["reloading haproxy", "reloading haproxy"];
  const seen = await site.underLoad(async () => {
    const change = async (settings: LabSite): Promise<string[]> => reloads(await site.mustDeploy(settings));
    expect(await change({ serverTimeout: 700 })).toEqual(haproxyOnBoth);
    expect(await change({ weights: [50, 50] })).toEqual(haproxyOnBoth);
    expect(await change({ smtp: ["198.18.0.31/32"] })).toEqual(haproxyOnBoth);
    expect(await change({ without: ["exch02"] })).toEqual(haproxyOnBoth);
    expect(await change({})).toEqual(haproxyOnBoth);
    expect(await change({ mode: "tcp" })).toEqual(haproxyOnBoth);
    expect(await change({})).toEqual(haproxyOnBoth);
    // The members keep theirs, of which a warning tells.
    expect(await change({ pemPath, onCertificateMismatch: CertificateMismatch.WARN })).toEqual(haproxyOnBoth);
    // Of the two only the backup has the line that changes.
    expect(await change({ pemPath, onCertificateMismatch: CertificateMismatch.WARN, backupPriority: 80 })).toEqual(["reloading keepalived"]);
    expect(await site.holders()).toEqual(["lb01"]);
  });
  // Enough of each to have noticed.
  expect(seen["new connections"]).toBeGreaterThan(200);
  expect(seen["keep-alive"]).toBeGreaterThan(200);
  expect(seen["long polls"]).toBeGreaterThan(8);
  expect(seen["imap"]).toBeGreaterThan(50);
  expect(seen["smtp"]).toBeGreaterThan(5);
  await site.mustDeploy();
}, 300_000);

test("after a reload, connections of the old haproxy process end when hard-stop-after is over", async () => {
  await site.mustDeploy({ hardStopAfter: 5 });
  const session = site.lab.client.exec(`exec 3<>/dev/tcp/${VIP}/143; read -r line <&3; read -r -t 170 line <&3; date +%s.%N`);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await site.mustDeploy({ hardStopAfter: 5, maxconn: 4001 });
  const ended = Number((await session).stdout);
  const reloaded = Number(await site.lab.host((await site.holders())[0] ?? "").must(
    "journalctl --sync; journalctl --unit haproxy --no-pager --output=short-unix | grep -i 'Reloaded haproxy' | tail -n 1 | cut -d' ' -f1"));
  expect(ended - reloaded).toBeGreaterThan(3);
  expect(ended - reloaded).toBeLessThan(15);
  await site.mustDeploy();
}, 120_000);

test("`exchange-balancer sessions` shows a drained member's sessions in the old haproxy process, and `exchange-balancer end` ends these sessions", async () => {
  const { lab, lb01 } = site;
  const greeted = async (pattern: string): Promise<number> => Number(await lab.client.must(`cat /run/imap.* 2>/dev/null | grep -ci '${pattern}' || true`));
  const sessions = (): Promise<string> => lb01.must("exchange-balancer sessions");
  await site.mustDeploy({});
  await lab.client.must("rm -f /run/imap.*");
  await lab.client.must(
    `systemd-run --quiet --unit=imap-sessions --collect bash -c 'for i in $(seq 12); do (exec 3<>/dev/tcp/${lab.facts.virtualAddress}/143; read -r line <&3; echo "$line" >/run/imap.$i; read -r -t 300 line <&3; echo ended >>/run/imap.$i) & done; wait'`,
  );
  try {
    await site.until("twelve sessions were greeted", 20, async () => (await greeted("exch0")) === 12);
    const [onFirst, onSecond] = [await greeted("exch01"), await greeted("exch02")];
    expect([onFirst > 0, onSecond > 0]).toEqual([true, true]);
    expect((await lb01.exec("exchange-balancer end exch02")).stderr).toContain("exch02 takes new sessions. Nothing was changed.");
    await site.mustDeploy({ states: { exch02: "drain" } });
    const said = await sessions();
    expect(said).toMatch(new RegExp(`^exch02 +${onSecond} in process \\d+, which a reload has replaced; started 20`, "m"));
    expect(await greeted("ended")).toBe(0);
    expect(await lb01.must("exchange-balancer end exch02 1")).toContain("Open connections to exch02 end in 1 min.");
    await site.until("the sessions with exch02 have ended", 90, async () => (await greeted("ended")) === onSecond);
    expect(await sessions()).not.toMatch(/^exch02 .*which a reload has replaced/m);
    expect(await sessions()).toMatch(new RegExp(`^exch01 +${onFirst} in process`, "m"));
  } finally {
    await lab.client.exec("systemctl stop imap-sessions");
    await site.mustDeploy({});
  }
}, 400_000);

describe("members during a roll-out", () => {
  afterEach(async () => {
    await Promise.all(["exch01", "exch02"].map((server) => control(server, "DELETE")));
    await site.mustDeploy();
  }, 120_000);

  test("if a member is not up after the reload, the deploy names the member, restores the previous files on the backup node, and does not touch the master node", async () => {
    await site.mustDeploy({ maxconn: 4010 });
    // Slow, but in time; with the new settings not any more.
    await Promise.all(["exch01", "exch02"].map((server) => control(server, "PUT", '{"https": {"owa": {"health": "slow:3"}}}')));
    const master = await site.lb01.must("sha256sum /etc/haproxy/haproxy.cfg; systemctl show --property=MainPID haproxy; pidof haproxy");
    const { status, stdout, stderr } = await site.deploy({ maxconn: 4011, checkTimeout: 1, membersUpTimeout: 7 });
    expect(status).not.toBe(0);
    const said = (stdout + stderr).replace(/null_resource\.\w+ \(remote-exec\): /g, "").replace(/\s+/g, " ");
    expect(said).toMatch(/\[198\.18\.0\.12\] waiting for members: exch0[12] \(no answer to the health check\) for be_exch2019_owa.*, [56] s of 7 s/);
    expect(said).toMatch(/\[198\.18\.0\.12\] FAILED: still down 7 s after the reload: exch0[12] \(no answer to the health check\) for be_exch2019_owa.*The previous files are restored, and the services run as before/);
    expect(await site.lb01.must("sha256sum /etc/haproxy/haproxy.cfg; systemctl show --property=MainPID haproxy; pidof haproxy")).toBe(master);
    expect(await site.lb02.read("/etc/haproxy/haproxy.cfg")).toContain("4010");
    expect((await site.curl("https://198.18.0.12/owa/")).status).toBe(200);
  }, 180_000);

  test("a deploy does not wait for a member that was already down, and names this member", async () => {
    await control("exch02", "PUT", '{"imap": "stopped"}');
    await site.until("lb02 sees it", 20, async () => (await site.lb02.exec("grep -q 'be_exch2019_imap/exch02 is DOWN' /var/log/haproxy.log")).status === 0);
    const output = await site.mustDeploy({ maxconn: 4012 });
    expect(output).toMatch(/\[198\.18\.0\.12\] members up: 19 of 20, down: exch02 \(no connection\) for be_exch2019_imap/);
  }, 120_000);

  test("a drained member gets no new session and keeps its open sessions; a member that is ready again gets new sessions", async () => {
    const session = site.lab.client.exec(["python3", "-c", `
import socket, time
held = []
while True:
    s = socket.create_connection(("${VIP}", 143), 5); f = s.makefile("rwb"); hello = f.readline(); held.append(f)
    if b"exch02" in hello: break
for n in range(14):
    f.write(b"a NOOP\\r\\n"); f.flush(); assert f.readline().startswith(b"a OK"), n
    time.sleep(1)
print("alive")
`]);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const output = await site.mustDeploy({ states: { exch02: "drain" } });
    expect(reloads(output)).toEqual(["reloading haproxy", "reloading haproxy"]);
    expect([...(await site.servers(12, `https://${VIP}/owa/`)).keys()]).toEqual(["exch01"]);
    expect([...(await site.greeters(6, 143, "a LOGOUT")).keys()]).toEqual(["exch01"]);
    expect(await session).toMatchObject({ stdout: "alive\n" });
    // It is still asked for its health, so that its return is seen before it is given anything.
    const health = `exec 3<>/dev/tcp/127.0.0.1/8404; echo 'show stat' >&3; grep '^be_exch2019_owa,exch02,' <&3 | cut -d, -f18,19,37`;
    expect((await site.lb01.must(health)).trim()).toBe("UP,0,L7OK");
    await site.mustDeploy({ states: { exch02: "maintenance" } });
    expect((await site.lb01.must(health)).trim()).toMatch(/^MAINT,/);
    await control("exch02", "PUT", '{"https": {"*": {"health": "503"}}, "imap": "stopped", "smtp": "stopped"}');
    expect(await site.mustDeploy({ states: { exch02: "maintenance" }, maxconn: 4013 })).toContain("members up: 10 of 20");
    await control("exch02", "DELETE");
    await site.mustDeploy();
    expect([...(await site.servers(12, `https://${VIP}/owa/`)).keys()].sort()).toEqual(["exch01", "exch02"]);
  }, 240_000);
});
