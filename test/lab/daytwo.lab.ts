import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { LabSite } from "../../examples/lab/main";
import { Holding, holding } from "./holding";
import type { Host } from "./hosts";
import { outage } from "./outage";
import { inState, REPOSITORY } from "./paths";
import type { Outcome } from "./run";
import { Site } from "./site";
import { Deployment, typescriptApp } from "./terraform";

// What an administrator does to a pair that serves, with a client that connects through the address all the time.

let site: Site;
let lb01: Host;
let lb02: Host;
const VIP = "198.18.0.15";
const FAST: LabSite = { failover: { profile: "fast", preemptDelaySeconds: 2 } };

beforeAll(async () => {
  site = await Site.attach();
  ({ lb01, lb02 } = site);
  await Promise.all(site.lab.balancers.filter((host) => !host.isOn).map((host) => host.start()));
  if ((await site.deploy(FAST)).status !== 0) {
    await site.fromBare();
    await site.mustDeploy(FAST);
  }
  await settled();
}, 480_000);

const settled = (): Promise<number> => site.until("lb01 alone holds the address", 40, async () => (await site.holders()).join() === "lb01");

/**
 * Makes a change. Measures how long both nodes held the address at the same time, how long no node held it, and how
 * long a client was not served (`away`).
 */
async function changed(happens: () => Promise<unknown>): Promise<Holding & { away: number }> {
  let seen: Holding = { two: 0, nobody: 0 };
  const away = await outage(site.lab.client, VIP, 45, async () => {
    seen = await holding(site.lab.balancers, VIP, happens);
  });
  return { ...seen, away };
}

describe("a change of the VRRP settings", () => {
  const CHANGES: readonly (readonly [string, LabSite])[] = [
    ["another router id", { ...FAST, routerId: 99 }],
    ["an address added, and the router id back", { ...FAST, secondVirtualAddress: "198.18.0.17" }],
    ["an address removed", FAST],
    ["unicast to multicast", { failover: { profile: "fast", preemptDelaySeconds: 2, multicast: true } }],
    ["another interval, and unicast", { failover: { profile: "lan", preemptDelaySeconds: 2 } }],
    ["to the article's profile", {}],
    ["another router id with the article's profile", { routerId: 99 }],
    ["from the article's profile to fast", FAST],
  ];

  test.each(CHANGES)("change of VRRP settings (%s): the nodes never hold the address at the same time, and the address is without a holder for less than 0.3 s", async (name, settings) => {
    const { two, nobody, away } = await changed(async () => {
      await site.mustDeploy(settings);
      await settled();
    });
    process.stdout.write(`    ${name}: both nodes held the address for ${two.toFixed(3)} s, no node held it for ${nobody.toFixed(3)} s, a client waited ${away.toFixed(3)} s\n`);
    expect(two).toBe(0);
    expect(nobody).toBeLessThan(0.3);
    // A client's own time on a busy machine is in it.
    expect(away).toBeLessThan(1);
    await site.until("lb02 joins in", 20, async () => (await lb02.read("/run/keepalived-exchange-balancer/aside")).trim() === "");
  }, 180_000);
});

const DRIFT = "sh /usr/libexec/cdktf-exchange-balancer/apply.sh --drift";
const owa = async (): Promise<number> => (await site.curl(`https://${VIP}/owa/`, "--max-time", "2")).status;
const aside = async (host: Host): Promise<string> => (await host.exec("cat /run/keepalived-exchange-balancer/aside")).stdout.trim();
/** Returns a deploy's output as one line of text, without Terraform's box characters. */
const flat = ({ stdout, stderr }: { stdout: string; stderr: string }): string =>
  (stdout + stderr).replace(/null_resource\.\w+ \(remote-exec\): /g, "").replace(/\s+/g, " ");

describe("a pair with one dead node", () => {
  // The client is on no list any more.
  const REVOKED: LabSite = { ...FAST, owa: ["198.18.0.99"] };

  test("if a dead backup has `away: true`, a deploy succeeds, and the backup does not take the address when it boots with its old files", async () => {
    await lb02.powerOff();
    const planned = await site.plan({ ...REVOKED, away: "backup" });
    expect(planned.stdout).toMatch(/Plan: 2 to add, 0 to change, 5 to destroy/);
    const said = flat(await site.deploy({ ...REVOKED, away: "backup" }));
    expect(said).toContain("Apply complete");
    expect(said).not.toContain("[198.18.0.12]");
    expect(said).toContain("[198.18.0.11] the other node, 198.18.0.12, does not answer on port 8405. If that node is dead, set away: true on it");
    expect(await owa()).toBe(403);
    await lb02.start();
    await site.until("lb02 stands aside for the right reason", 30, async () => (await aside(lb02)) === "198.18.0.11, which holds 198.18.0.15, serves a newer configuration");
    expect(await site.holders()).toEqual(["lb01"]);
    await site.mustDeploy(FAST);
    await site.until("lb02 joins in", 20, async () => (await aside(lb02)) === "");
    expect(await owa()).toBe(200);
  }, 300_000);

  test("if a dead master has `away: true`, a deploy succeeds; when the master boots again, it does not take the address, because its allow list is out of date", async () => {
    await lb01.powerOff();
    await site.until("lb02 holds the address", 10, async () => (await site.holders()).join() === "lb02");
    await site.mustDeploy({ ...REVOKED, away: "master" });
    expect(await owa()).toBe(403);
    await lb01.start();
    await site.until("lb01 stands aside", 30, async () => (await aside(lb01)) !== "");
    const began = Date.now();
    while (Date.now() - began < 6000) {
      expect(await owa()).toBe(403);
      expect(await site.holders()).toEqual(["lb02"]);
    }
    await site.mustDeploy(REVOKED);
    await settled();
    expect(await owa()).toBe(403);
    await site.mustDeploy(FAST);
  }, 300_000);

  test("if a deploy reaches only one node, it prints which node has which configuration", async () => {
    await lb01.must("cp /etc/default/haproxy /run/haproxy.default; echo 'EXTRAOPTS=\"-f /etc/haproxy/nothing-here\"' >>/etc/default/haproxy");
    const outcome = await site.deploy({ ...FAST, maxconn: 4020 });
    expect(outcome.status).not.toBe(0);
    expect(flat(outcome)).toContain("[198.18.0.11] 198.18.0.12 serves the new configuration, and this host serves the previous configuration. Fix the cause and deploy again; to go back, revert the change and deploy.");
    await lb01.must("cp /run/haproxy.default /etc/default/haproxy");
    await site.mustDeploy({ ...FAST, maxconn: 4020 });
    await site.mustDeploy(FAST);
  }, 300_000);
});

describe("the plan after failed deploys", () => {
  const RIGHT: LabSite = { ...FAST, maxconn: 4050 };
  // The third member answers nobody, so the backup refuses it.
  const WRONG: LabSite = { ...RIGHT, thirdMember: "198.18.0.77" };

  async function plan(settings: LabSite): Promise<{ lines: string[]; changed: string[] }> {
    const { status, stdout, stderr } = await site.plan(settings);
    if (status === 1) throw new Error(stdout + stderr);
    const lines = stdout.split("\n");
    return { lines: lines.slice(lines.findIndex((line) => line.includes("will perform the following actions"))), changed: lines.filter((line) => /^\s+[-+~] "/.test(line) && !line.includes(" = ")) };
  }

  test("three failed deploys make the plan of the corrected change at most 36 lines longer, and the plan of a revert changes no file", async () => {
    await site.mustDeploy(FAST);
    await settled();
    const first = await plan(RIGHT);
    expect(first.changed.length).toBeGreaterThan(12);
    const away = await outage(site.lab.client, VIP, 90, async () => {
      for (const attempt of [1, 2, 3]) expect([attempt, (await site.deploy(WRONG)).status]).toEqual([attempt, 1]);
      const right = await plan(RIGHT);
      // The same lines change, and no others: compared with what is live, and not with what the tries wanted.
      expect(right.changed).toEqual(first.changed);
      expect(right.lines.filter((line) => line.includes("(deposed object"))).toHaveLength(3);
      expect(right.lines.length - first.lines.length).toBeLessThanOrEqual(36);
      const back = await plan(FAST);
      expect(back.changed).toEqual([]);
      expect(back.lines.join("\n")).not.toMatch(/_Delivered_|\/etc\//);
      process.stdout.write(`    plan of the right change: ${first.lines.length} lines, after three failed deploys ${right.lines.length} lines; plan of the revert: ${back.lines.length} lines\n`);
      await site.mustDeploy(RIGHT);
    });
    expect(away).toBeLessThan(1);
    expect((await site.plan(RIGHT)).status).toBe(0);
    expect((await site.deployment.terraform(["state", "pull"])).stdout).not.toContain('"deposed"');
  }, 300_000);

  test("after a deploy that failed only on the master, a plan of the same change has only the master's delivery, and a plan that reverts the change has only the backup's delivery", async () => {
    await site.mustDeploy(FAST);
    await lb01.must("cp /etc/default/haproxy /run/haproxy.default; echo 'EXTRAOPTS=\"-f /etc/haproxy/nothing-here\"' >>/etc/default/haproxy");
    try {
      expect((await site.deploy(RIGHT)).status).toBe(1);
    } finally {
      await lb01.must("cp /run/haproxy.default /etc/default/haproxy");
    }
    const right = (await plan(RIGHT)).lines.join("\n");
    expect(right).toMatch(/# null_resource\.Mail_Master_Delivered_\w+ must be replaced/);
    // What the backup had before is destroyed after the master is through.
    expect(right.match(/# null_resource\.Mail_Backup.*/g)).toEqual([expect.stringMatching(/Mail_Backup_Provision_\w+ \(deposed object/)]);
    const back = (await plan(FAST)).lines.join("\n");
    expect(back).toMatch(/# null_resource\.Mail_Backup_Delivered_\w+ must be replaced/);
    expect(back).toContain("maxconn     4050");
    expect(back).not.toContain("Mail_Master_Delivered");
    await site.mustDeploy(FAST);
    expect((await site.plan(FAST)).status).toBe(0);
    for (const host of [lb01, lb02]) expect(await host.must("grep -c 'maxconn  *4050' /etc/haproxy/haproxy.cfg || true")).toBe("0\n");
  }, 240_000);
});

describe("two administrators with different Terraform states", () => {
  const maxconns = (): Promise<string[]> => Promise.all([lb01, lb02].map((host) => host.must("sed -n 's/^ *maxconn *//p' /etc/haproxy/haproxy.cfg | head -n 1 | tr -d '\\n'")));
  const now = (): string => new Date().toISOString().replace(/[.]\d+Z/, "Z");

  /**
   * Returns a function that deploys as a colleague would, from another folder. If `copy` is true, this folder has a
   * copy of the present Terraform state, else it has no state.
   */
  function colleague(copy: boolean): (settings: LabSite) => Promise<Outcome> {
    const folder = inState("deploy", "colleague");
    rmSync(folder, { recursive: true, force: true });
    const deployment = new Deployment(folder, typescriptApp(path.join(REPOSITORY, "examples/lab/main.ts")));
    const [state = ""] = readdirSync(site.deployment.workDir).filter((name) => name.endsWith(".tfstate"));
    if (copy) copyFileSync(path.join(site.deployment.workDir, state), path.join(folder, state));
    return (settings) => {
      deployment.env = { EXLAB_SITE: JSON.stringify(settings) };
      return deployment.deploy();
    };
  }

  test("a deploy with an outdated copy of the Terraform state stops before it changes anything, unless the prop `overrule` is set", async () => {
    await site.mustDeploy(FAST);
    const other = colleague(true);
    await site.mustDeploy({ ...FAST, maxconn: 4101 });
    for (const attempt of [1, 2]) {
      const outcome = await other({ ...FAST, maxconn: 4102 });
      expect([attempt, outcome.status]).toEqual([attempt, 1]);
      expect(flat(outcome)).toMatch(/\[198\.18\.0\.12\] FAILED: this host received another configuration at \S+Z by a deploy from 198\.18\.0\.1, and this copy of the Terraform state does not know that configuration\. Nothing was changed\. .* set overrule: "\S+Z"/);
      expect(await maxconns()).toEqual(["4101", "4101"]);
    }
    expect((await other({ ...FAST, maxconn: 4102, overrule: now() })).status).toBe(0);
    expect(await maxconns()).toEqual(["4102", "4102"]);
    // Now the first one's state is the older.
    const outcome = await site.deploy({ ...FAST, maxconn: 4103 });
    expect(outcome.status).toBe(1);
    expect(flat(outcome)).toContain("and this copy of the Terraform state does not know that configuration");
    expect(await maxconns()).toEqual(["4102", "4102"]);
    await site.mustDeploy({ ...FAST, maxconn: 4103, overrule: now() });
    await site.mustDeploy({ ...FAST, maxconn: 4103 });
  }, 400_000);

  test("without the Terraform state of the last deploy, a deploy of the same configuration succeeds, and a deploy of a different configuration stops", async () => {
    const other = colleague(false);
    const outcome = await other({ ...FAST, maxconn: 4104 });
    expect(outcome.status).toBe(1);
    expect(flat(outcome)).toContain("and that configuration is in another Terraform state. Nothing was changed. Deploy with that state.");
    expect(await maxconns()).toEqual(["4103", "4103"]);
    // The state was lost, and the code was not.
    expect((await other({ ...FAST, maxconn: 4103 })).status).toBe(0);
    expect((await other({ ...FAST, maxconn: 4104 })).status).toBe(0);
    expect(await maxconns()).toEqual(["4104", "4104"]);
    await site.mustDeploy({ ...FAST, overrule: now() });
    await site.mustDeploy(FAST);
  }, 300_000);

  test("after `away: true` is removed from a node, a deploy with the same Terraform state delivers to this node again", async () => {
    await site.mustDeploy({ ...FAST, away: "backup" });
    await site.mustDeploy({ ...FAST, away: "backup", maxconn: 4105 });
    await site.mustDeploy({ ...FAST, maxconn: 4105 });
    expect(await maxconns()).toEqual(["4105", "4105"]);
    await site.mustDeploy(FAST);
  }, 240_000);
});

describe("edits on a host", () => {
  test("apply.sh --drift lists the edits on a host, and the next delivery undoes those that change the library's files or settings", async () => {
    expect((await lb02.must(DRIFT)).trim()).toMatch(/^\[lb02\S*\] nothing has changed since the deploy by version \S+ of the library$/);
    const dropIn = "/etc/systemd/system/haproxy.service.d/99-mine.conf";
    await lb02.must(`systemctl disable --quiet keepalived; systemctl stop rsyslog syslog.socket; systemctl mask --quiet haproxy
      chmod 600 /etc/haproxy/haproxy.cfg
      firewall-cmd -q --remove-port=25/tcp; firewall-cmd -q --permanent --remove-port=25/tcp
      rm -f /etc/ssl/certs/ca-certificates.crt && touch /etc/ssl/certs/ca-certificates.crt
      mkdir -p $(dirname ${dropIn}); printf '[Service]\\nLimitNOFILE=20000\\n' >${dropIn}; systemctl daemon-reload`);
    const { status, stdout } = await lb02.exec(DRIFT);
    expect(status).toBe(3);
    for (const line of [
      "/etc/haproxy/haproxy.cfg was edited",
      "keepalived is not enabled (disabled)",
      "rsyslog is not running (inactive)",
      "haproxy is not enabled (masked)",
      "firewall: tcp 25 is not open (permanent)",
      "firewall: tcp 25 is not open (running)",
      "/usr/local/share/ca-certificates/lab-root.crt is not among the CAs that this host trusts",
    ]) expect(stdout).toContain(line);
    await lb02.must("rm -f /etc/systemd/system/haproxy.service; systemctl daemon-reload");
    const said = flat({ stdout: await site.mustDeploy({ ...FAST, redeliver: "after drift" }), stderr: "" });
    expect(said).toContain("[198.18.0.12] keepalived was disabled on the host; enabling it");
    expect(said).toContain("[198.18.0.12] the host no longer trusts /usr/local/share/ca-certificates/lab-root.crt; updating the CA trust");
    expect(said).toContain(`[198.18.0.12] haproxy has a drop-in that is not from this library: ${dropIn}`);
    await lb02.must(`rm ${dropIn}; systemctl daemon-reload`);
    expect((await lb02.must(DRIFT)).trim()).toMatch(/nothing has changed since the deploy/);
    expect(await site.holders()).toEqual(["lb01"]);
  }, 300_000);

  test("apply.sh --drift fails on a host on which no deploy has ever finished", async () => {
    await lb02.must("cp /usr/libexec/cdktf-exchange-balancer/apply.sh /run/apply.sh; mv /var/lib/cdktf-exchange-balancer/manifest /run/manifest");
    const { status, stdout } = await lb02.exec("sh /run/apply.sh --drift");
    expect([status, stdout]).toEqual([3, expect.stringContaining("no deploy to this host has finished")]);
    await lb02.must("mv /run/manifest /var/lib/cdktf-exchange-balancer/manifest");
  });
});

describe("a member that is drained", () => {
  /**
   * Opens `count` idle SMTP sessions for `seconds` seconds. For each session, prints which member greeted the client,
   * and after how many seconds the session was closed.
   */
  const held = (count: number, seconds: number): Promise<Outcome> => site.lab.client.exec(["python3", "-c", `
import json, select, socket, time
socks = [socket.create_connection(("${VIP}", 25), 5) for _ in range(${count})]
names = {one: one.recv(200).decode()[4:10] for one in socks}
print(json.dumps(sorted(names.values())), flush=True)
began, ended, waiting = time.time(), [], list(socks)
while time.time() < began + ${seconds} and waiting:
    for one in select.select(waiting, [], [], 1)[0]:
        try: data = one.recv(200)
        except OSError: data = b""
        if not data:
            ended.append([names[one], round(time.time() - began)]); waiting.remove(one)
for one in waiting: one.sendall(b"QUIT\\r\\n"); ended.append([names[one], 0 if one.recv(200).startswith(b"221") else -1])
print(json.dumps(ended))`], { timeout: seconds + 60 });

  test("`exchange-balancer sessions` shows a drained member's sessions in the old haproxy process, and `exchange-balancer end` waits the given minutes and then ends this member's sessions, but no other sessions", async () => {
    const began = Date.now();
    const sessions = held(8, 150);
    await site.until("8 sessions are open", 20, async () => {
      const shown = await lb01.must("exchange-balancer sessions");
      return ["exch01", "exch02"].every((member) => new RegExp(`^${member} +\\d+ in the current process$`, "m").test(shown));
    });
    const away = await outage(site.lab.client, VIP, 45, async () => {
      // A member that still takes new sessions is not ended.
      const early = await lb01.exec("exchange-balancer end exch02");
      expect(early).toMatchObject({ status: 1, stderr: expect.stringContaining("exch02 takes new sessions. Nothing was changed.") as unknown });
      await site.mustDeploy({ ...FAST, states: { exch02: "drain" } });
    });
    expect(away).toBeLessThan(0.3);
    const shown = await lb01.must("exchange-balancer sessions");
    expect(shown).toMatch(/^exch02 +[1-8] in process \d+, which a reload has replaced; started 20/m);
    expect(shown).not.toMatch(/^exch02 .* in the current process$/m);
    // Nobody new gets there.
    expect([...(await site.servers(6, `https://${VIP}/owa/`)).keys()]).toEqual(["exch01"]);
    expect(await lb01.must("exchange-balancer end exch02 1")).toContain("Open connections to exch02 end in 1 min.");
    const set = Math.round((Date.now() - began) / 1000);
    const { stdout } = await sessions;
    const [greeters, ended] = stdout.trim().split("\n").map((line) => JSON.parse(line) as unknown) as [string[], [string, number][]];
    process.stdout.write(`    sessions: ${greeters.join(", ")}; end was set after ${set} s; ended after: ${JSON.stringify(ended)}\n`);
    expect(new Set(greeters)).toEqual(new Set(["exch01", "exch02"]));
    for (const [member, seconds] of ended) {
      // Seconds 0: it was served until the client said goodbye.
      if (member === "exch01") expect([member, seconds]).toEqual(["exch01", 0]);
      else expect(Math.abs(seconds - set - 60)).toBeLessThan(15);
    }
    expect(await lb01.must("exchange-balancer sessions")).not.toContain("exch02");
    await site.mustDeploy(FAST);
  }, 400_000);

  test("if haproxy is stopped, certificate-check reports that haproxy does not answer, and does not report a different certificate", async () => {
    await lb02.must("systemctl stop haproxy");
    try {
      const { status, stdout } = await lb02.exec("/usr/libexec/cdktf-exchange-balancer/certificate-check");
      expect(status).toBe(2);
      expect(stdout).toMatch(/^CRITICAL: haproxy does not answer on port 443 of this balancer \(see systemctl status haproxy\), so its certificate for mail\.lab\.test could not be compared/);
      expect(stdout).not.toContain("another certificate");
      // Nobody is told by the metrics either that certificates differ.
      expect(await lb02.must("/usr/libexec/cdktf-exchange-balancer/certificate-check --metrics")).not.toContain("certificate_matches");
    } finally {
      await lb02.must("systemctl start haproxy");
    }
  }, 60_000);
});

describe("a deploy with another version of the library", () => {
  const recorded = (edit: string): Promise<string> => lb02.must(`sed -i '${edit}' /var/lib/cdktf-exchange-balancer/manifest`);

  test("if a deploy uses another library version than the last deploy, the deploy prints both versions, and changes no file", async () => {
    await recorded("s/^library .*/library 0.0.1/");
    const said = flat({ stdout: await site.mustDeploy({ ...FAST, redeliver: "upgrade" }), stderr: "" });
    expect(said).toMatch(/\[198\.18\.0\.12\] this deploy uses version \S+ of the library; the last deploy used version 0\.0\.1/);
    expect(said).toContain("[198.18.0.12] nothing to change, nothing reloaded");
    await recorded("s/^library .*/library 99.0.0/");
    expect(flat({ stdout: await site.mustDeploy({ ...FAST, redeliver: "downgrade" }), stderr: "" })).toMatch(/this deploy uses version \S+ of the library, which is older than the version of the last deploy/);
  }, 180_000);

  test("a deploy whose library version cannot read the host's records is refused", async () => {
    await recorded("s/^format .*/format 99/; s/^library .*/library 99.0.0/");
    const outcome = await site.deploy({ ...FAST, redeliver: "too old" });
    expect(outcome.status).not.toBe(0);
    expect(flat(outcome)).toMatch(/the last deploy to this host used version 99\.0\.0 of the library, and version \S+ cannot read the records of that deploy\. Nothing was changed/);
    await recorded("s/^format .*/format 2/");
    await site.mustDeploy({ ...FAST, redeliver: "again" });
  }, 180_000);
});

describe("a new member", () => {
  test("if a new member does not answer, a deploy names the member and stops before anything changes", async () => {
    const before = await lb02.must("sha256sum /etc/haproxy/haproxy.cfg");
    const outcome = await site.deploy({ ...FAST, redeliver: "again", thirdMember: "198.18.0.77" });
    expect(outcome.status).not.toBe(0);
    expect(flat(outcome)).toMatch(/\[198\.18\.0\.12\] FAILED: these new members do not answer: exch03 \(198\.18\.0\.77:443\).*Nothing was changed.*MemberState\.MAINTENANCE/);
    expect(await lb02.must("sha256sum /etc/haproxy/haproxy.cfg")).toBe(before);
  }, 120_000);

  test("a new member may be down if its state is MAINTENANCE", async () => {
    await site.mustDeploy({ ...FAST, redeliver: "again", thirdMember: "198.18.0.77", states: { exch03: "maintenance" } });
    expect(await owa()).toBe(200);
    await site.mustDeploy(FAST);
  }, 180_000);
});

describe("the command npx cdktf-exchange-balancer status", () => {
  /**
   * Runs `cdktf-exchange-balancer status` in an app's folder, as an administrator does, but from inside the lab's
   * network.
   */
  async function status(): Promise<{ status: number; said: string }> {
    const folder = inState("deploy", "status");
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const app = typescriptApp(path.join(REPOSITORY, "examples/lab/main.ts")).join(" ");
    writeFileSync(path.join(folder, "cdktf.json"), JSON.stringify({ language: "typescript", app }));
    const { status: code, stdout, stderr } = await site.lab.inNamespace(["node", path.join(REPOSITORY, "dist/command/main.js"), "status", "--timeout", "5"], { cwd: folder, env: { EXLAB_SITE: JSON.stringify(FAST) } });
    return { status: code, said: stdout + stderr };
  }

  test("`cdktf-exchange-balancer status` prints one row for each host, and a line for each error", async () => {
    await site.mustDeploy(FAST);
    await settled();
    const well = await status();
    expect(well.said).toMatch(/^198\.18\.0\.11 +198\.18\.0\.15 +running +\S+Z +\S+ +well$/m);
    expect(well.said).toMatch(/^198\.18\.0\.12 +none +running +\S+Z +\S+ +well$/m);
    expect([well.status, well.said.trim().split("\n").pop()]).toEqual([0, "all is well"]);
    await lb02.must("systemctl stop haproxy; sed -i '$ a # edited' /etc/haproxy/haproxy.cfg");
    const wrong = await status();
    expect(wrong.status).toBe(1);
    expect(wrong.said).toMatch(/^198\.18\.0\.12 +none +haproxy inactive +\S+Z +\S+ +WRONG$/m);
    expect(wrong.said).toContain("[198.18.0.12] haproxy is inactive");
    expect(wrong.said).toContain("[198.18.0.12] /etc/haproxy/haproxy.cfg was edited");
    await lb02.powerOff();
    const off = await status();
    expect(off.status).toBe(1);
    expect(off.said).toMatch(/^198\.18\.0\.12 +no answer$/m);
    expect(off.said).toMatch(/\[198\.18\.0\.12\] no answer: .*(No route to host|timed out)/);
    await lb02.start();
    await site.mustDeploy({ ...FAST, redeliver: "after status" });
    await site.until("all is well again", 30, async () => (await status()).status === 0);
    await site.mustDeploy(FAST);
  }, 300_000);
});

describe("the last lines of a deploy", () => {
  test("in its last lines, a deploy names each member that is down, and the reason, even if the member was down before the deploy", async () => {
    const said = flat({ stdout: await site.mustDeploy({ ...FAST, redeliver: "all up" }), stderr: "" });
    for (const last of ["11", "12"]) expect(said).toContain(`[198.18.0.${last}] exch01, exch02: up`);
    const exch02 = site.lab.host("exch02");
    await exch02.powerOff();
    try {
      await site.until("HAProxy has noticed", 20, async () => (await lb02.must("exec 3<>/dev/tcp/127.0.0.1/8404; echo 'show stat' >&3; grep -c ',exch02,.*,DOWN,' <&3 || true")).trim() !== "0");
      const without = flat({ stdout: await site.mustDeploy({ ...FAST, redeliver: "exch02 off" }), stderr: "" });
      expect(without).toMatch(/\[198\.18\.0\.12\] exch01: up \[198\.18\.0\.12\] exch02: DOWN \((no route to host|no answer)\)\. Is it on, and does every firewall in between let this host in\? If it is meant to be down, set its state to MemberState\.MAINTENANCE\. \[198\.18\.0\.12\] 198\.18\.0\.15 is held by 198\.18\.0\.11/);
    } finally {
      await exch02.start();
    }
    await site.mustDeploy(FAST);
  }, 240_000);
});

describe("the limits of a host", () => {
  test("a maxconn that needs more file descriptors than the host allows is refused before anything changes", async () => {
    // As a container or a hardened unit has it.
    const dropIn = "/run/systemd/system/haproxy.service.d/limit.conf";
    await lb02.must(`mkdir -p $(dirname ${dropIn}); printf '[Service]\\nLimitNOFILE=16384\\n' >${dropIn}; systemctl daemon-reload; systemctl restart haproxy`);
    try {
      const outcome = await site.deploy({ ...FAST, maxconn: 100_000 });
      expect(outcome.status).not.toBe(0);
      expect(flat(outcome)).toMatch(/maxconn 100000 needs 2\d{5} open files, but haproxy can open only 16384 on this host\. Nothing was changed\./);
      expect((await site.curl("https://198.18.0.12/owa/")).status).toBe(200);
    } finally {
      await lb02.must(`rm ${dropIn}; systemctl daemon-reload; systemctl restart haproxy`);
    }
    await site.mustDeploy(FAST);
  }, 180_000);

  test("if /etc/haproxy is a separate file system and full, a deploy stops before anything changes", async () => {
    await lb02.must("cp -a /etc/haproxy /run/haproxy.full && mount -t tmpfs -o size=400k,mode=755 tmpfs /etc/haproxy && cp -a /run/haproxy.full/. /etc/haproxy/");
    try {
      const outcome = await site.deploy({ ...FAST, maxconn: 4030 });
      expect(outcome.status).not.toBe(0);
      expect(flat(outcome)).toMatch(/\[198\.18\.0\.12\] FAILED: only \d+ kB are free for \/etc\/haproxy, but \d+ kB are needed\. Nothing was changed\. Make room and deploy again\./);
    } finally {
      await lb02.must("umount /etc/haproxy");
    }
    await site.mustDeploy(FAST);
  }, 180_000);
});
