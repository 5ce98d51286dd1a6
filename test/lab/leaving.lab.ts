import { readFileSync } from "node:fs";
import type { LabSite } from "../../examples/lab/main";
import type { Host } from "./hosts";
import { Site } from "./site";

// A host is no longer the stack's: what a policy says happens, nothing more, and at no other occasion.

let site: Site;
const VIP = "198.18.0.15";
const OWN_CONFIG = `global
    stats socket /run/own-haproxy.sock
defaults
    mode tcp
    timeout connect 5s
    timeout client 1m
    timeout server 1m
listen own
    bind *:25
    server exch01 198.18.0.21:25
`;

beforeAll(async () => {
  site = await Site.attach();
  await site.fromBare();
  // lb01 is bare; on lb02 somebody runs a balancer by hand, as in the article.
  await site.lb02.must(site.lab.system.packages.install("haproxy"), { timeout: 120 });
  await site.lb02.must("cat >/etc/haproxy/haproxy.cfg && systemctl enable haproxy && systemctl restart haproxy", { input: OWN_CONFIG });
}, 240_000);

/** Returns the hosts' lines about removal and completion from Terraform's output. */
const said = (output: string): string[] => output.match(/\[198\.18\.0\.\d+\] ((haproxy|keepalived): |keeps running|stopped and|removed|nothing|done).*/g) ?? [];
const services = "systemctl is-active haproxy keepalived; systemctl is-enabled haproxy keepalived 2>&1; true";
const running = async (): Promise<string[]> => Promise.all(site.lab.balancers.map((host) => host.must("pidof haproxy keepalived; ip -4 -brief address show host0; systemctl is-enabled haproxy keepalived")));

test("a changed removal policy reloads no service, and a changed ssh user opens no ssh connection", async () => {
  await site.mustDeploy();
  await site.until("lb01 alone holds the address", 15, async () => (await site.holders()).join() === "lb01");
  const before = await Promise.all(site.lab.balancers.map((host) => host.sshLogins()));
  const was = await running();
  expect(await site.mustDeploy({ removalPolicy: "release" })).toContain("4 added, 2 changed, 4 destroyed");
  // The manifest has the policy, for parts that leave later: one connection a host.
  const after = before.map((logins) => logins + 1);
  expect(await Promise.all(site.lab.balancers.map((host) => host.sshLogins()))).toEqual(after);
  expect(await site.mustDeploy({ removalPolicy: "release", user: "deploy" })).toContain("0 added, 2 changed, 0 destroyed");
  expect(await Promise.all(site.lab.balancers.map((host) => host.sshLogins()))).toEqual(after);
  expect(await running()).toEqual(was);
}, 240_000);

test("if a balancer gets another construct id, the new construct takes over the hosts, and the removal of the old construct changes nothing on the hosts", async () => {
  const before = await running();
  const output = await site.mustDeploy({ removalPolicy: "release", balancerId: "Post" });
  expect(said(output).filter((line) => line.includes("nothing was changed, because another resource delivers to this host now"))).toHaveLength(2);
  expect(await running()).toEqual(before);
  await site.mustDeploy({ removalPolicy: "release" });
  expect(await running()).toEqual(before);
}, 180_000);

test("if a removed host is off, each deploy with removalPolicy `release` fails and keeps the host in the Terraform state; a deploy with `retain` deletes the host from the state", async () => {
  await site.lb02.must("ip address add 198.18.0.13/24 dev host0");
  await site.mustDeploy({ removalPolicy: "release", backupHost: "198.18.0.13" });
  await site.lb02.must("ip address del 198.18.0.13/24 dev host0");
  for (const attempt of [1, 2]) {
    const { status, stderr } = await site.deploy({ removalPolicy: "release" });
    expect([attempt, status]).toEqual([attempt, 1]);
    expect(stderr.replace(/\s+/g, " ")).toMatch(/terraform_data\.cdktf_exchange_balancer_leave\["lab\/Mail\/Backup@198\.18\.0\.13"\].*timeout - last error/);
  }
  // The others were delivered.
  expect((await site.curl("https://198.18.0.12/owa/")).status).toBe(200);
  await site.mustDeploy({ removalPolicy: "retain" });
  await site.mustDeploy({ removalPolicy: "release" });
  expect((await site.plan({ removalPolicy: "release" })).status).toBe(0);
}, 300_000);

test("if a node's instanceId changes, the deploy checks the node again and removes nothing from it", async () => {
  await site.mustDeploy({ removalPolicy: "release", backupInstance: "first" });
  const output = await site.mustDeploy({ removalPolicy: "release", backupInstance: "second" });
  expect(said(output)).toEqual(["[198.18.0.12] nothing to change, nothing reloaded"]);
  await site.mustDeploy({ removalPolicy: "release" });
}, 120_000);

test("a deploy to a reinstalled VM with the same instanceId fails because the secrets are missing, and succeeds after a change of `redeliver`", async () => {
  await site.lb01.reset();
  const { status, stdout, stderr } = await site.deploy({ removalPolicy: "release", maxconn: 4401 });
  expect(status).not.toBe(0);
  expect(`${stdout}${stderr}`).toMatch(/\[198\.18\.0\.11\] FAILED: the secrets for \/etc\/haproxy\/exch\.pem \/etc\/keepalived\/vrrp\.auth are missing on this host\. The host was reinstalled, or somebody removed the secrets\. Nothing was changed\. Set the prop redeliver to another text/);
  expect((await site.lb01.exec("command -v haproxy")).stdout).toBe("");
  // The other node has taken over, and goes on.
  expect((await site.curl(`https://${VIP}/owa/`)).status).toBe(200);
  await site.mustDeploy({ removalPolicy: "release", maxconn: 4401, redeliver: "lb01 anew" });
  expect((await site.curl("https://198.18.0.11/owa/")).status).toBe(200);
}, 180_000);

test("with removalPolicy `release`, a pair that is removed gives up the address, and a node that is removed stops serving while the other node serves", async () => {
  await site.mustDeploy({ removalPolicy: "release", nodes: ["lb01", "lb02"] });
  expect(await site.holders()).toEqual([]);
  const other = await site.lb01.must("pidof haproxy; systemctl is-active haproxy");
  const output = await site.mustDeploy({ removalPolicy: "release", nodes: ["lb01"] });
  expect(said(output)).toEqual(["[198.18.0.12] stopped and disabled; its files are still here"]);
  expect((await site.lb02.must(services)).trim().split("\n")).toEqual(["inactive", "inactive", "disabled", "disabled"]);
  expect(await site.lb01.must("pidof haproxy; systemctl is-active haproxy")).toBe(other);
  expect((await site.curl("https://198.18.0.11/owa/")).status).toBe(200);
  await site.mustDeploy({ removalPolicy: "retain" });
  await site.until("lb01 alone holds the address", 20, async () => (await site.holders()).join() === "lb01");
  await site.until("the address is served", 20, async () => (await site.curl(`https://${VIP}/owa/`)).status === 200);
}, 240_000);

describe("a pair that is removed while its nodes stay", () => {
  const paired: LabSite = { nodes: ["lb01", "lb02"], paired: true };
  const keepalived = "systemctl is-active keepalived; systemctl is-enabled keepalived; ls /etc/keepalived/keepalived.conf 2>&1";
  /**
   * Returns, for each node, haproxy's process id and the text of haproxy.cfg. The frontend fe_pair is left out, because
   * it belongs to the pair and is removed with the pair.
   */
  const haproxy = (): Promise<string[]> => Promise.all(site.lab.balancers.map((host) => host.must("systemctl show -p MainPID haproxy; awk '/^[a-z]/ { pair = $2 == \"fe_pair\" } !pair' /etc/haproxy/haproxy.cfg")));
  const vrrp = (host: Host): Promise<string> => host.must("firewall-cmd --list-rich-rules; firewall-cmd --permanent --list-rich-rules");

  /**
   * Deploys the pair, and then its nodes without the pair. Checks that haproxy was not restarted and that its
   * configuration lost only the pair's frontend. Returns the output of the second deploy.
   */
  async function unpaired(removalPolicy: "retain" | "release" | "destroy"): Promise<string> {
    await site.mustDeploy({ ...paired, removalPolicy });
    await site.until("lb01 alone holds the address", 20, async () => (await site.holders()).join() === "lb01");
    const before = await haproxy();
    const output = await site.mustDeploy({ ...paired, paired: false, removalPolicy });
    expect(await haproxy()).toEqual(before);
    for (const host of site.lab.balancers) expect((await site.curl(`https://${host.address}/owa/`)).status).toBe(200);
    expect((await site.plan({ ...paired, paired: false, removalPolicy })).status).toBe(0);
    return output;
  }

  test("if the pair is removed with removalPolicy `retain`, keepalived keeps running, and the library no longer manages keepalived's files", async () => {
    expect(said(await unpaired("retain")).sort()).toEqual(
      ["12", "11"].flatMap((last) => [`[198.18.0.${last}] keepalived: keeps running as it is; this library no longer manages it`, `[198.18.0.${last}] done`]).sort(),
    );
    expect(await site.holders()).toEqual(["lb01"]);
    await site.lb02.must("sed -i '$ a # edited' /etc/keepalived/keepalived.conf");
    expect(await site.lb02.must("sh /usr/libexec/cdktf-exchange-balancer/apply.sh --drift")).toContain("nothing has changed since the deploy");
    expect(await vrrp(site.lb02)).toContain('protocol value="vrrp"');
    // It comes back, and with it the care for its files.
    expect(await site.mustDeploy({ ...paired, removalPolicy: "retain" })).toContain("/etc/keepalived/keepalived.conf was edited or removed on the host");
    await site.lb02.must("sed -i '$ a # edited' /etc/keepalived/keepalived.conf");
    expect((await site.lb02.exec("sh /usr/libexec/cdktf-exchange-balancer/apply.sh --drift")).status).toBe(3);
    await site.mustDeploy({ ...paired, removalPolicy: "retain", redeliver: "after an edit" });
  }, 240_000);

  test("if the pair is removed with removalPolicy `release`, keepalived is stopped and its files stay", async () => {
    expect(said(await unpaired("release"))).toContain("[198.18.0.12] keepalived: stopped and disabled; its files are still here");
    for (const host of site.lab.balancers) {
      expect((await host.exec(keepalived)).stdout.trim().split("\n")).toEqual(["inactive", "disabled", "/etc/keepalived/keepalived.conf"]);
    }
    expect(await site.holders()).toEqual([]);
  }, 240_000);

  test("if the pair is removed with removalPolicy `destroy`, keepalived's files are removed, and haproxy's files stay", async () => {
    await site.lb01.must("systemctl is-active rsyslog");
    expect(said(await unpaired("destroy"))).toContain("[198.18.0.12] keepalived: removed; the state from before the first deploy is restored. Packages stay.");
    for (const host of site.lab.balancers) {
      const [active, enabled] = (await host.exec(keepalived)).stdout.split("\n");
      expect([active, enabled]).toEqual(["inactive", "disabled"]);
      expect((await host.exec("ls -d /etc/keepalived/keepalived.conf /etc/keepalived/vrrp.auth /usr/libexec/keepalived/haproxy-check /etc/systemd/system/keepalived.service.d/*")).stdout.split("\n").filter((line) => line !== "")).toEqual(site.lab.system.ofPackages);
      expect(await vrrp(host)).not.toContain("vrrp");
      expect(await host.must("firewall-cmd --list-ports")).toContain("443/tcp");
      await host.must("systemctl is-active rsyslog haproxy");
    }
    expect(await site.holders()).toEqual([]);
    await site.mustDeploy({ removalPolicy: "retain" });
    await site.until("lb01 alone holds the address", 20, async () => (await site.holders()).join() === "lb01");
  }, 240_000);
});

test("if the removal policy in the code has not been deployed, cdktf destroy fails, and the hosts keep serving", async () => {
  const before = await running();
  site.deployment.env = { EXLAB_SITE: JSON.stringify({ removalPolicy: "destroy" } satisfies LabSite) };
  await site.deployment.synth();
  const { status, stdout } = await site.deployment.destroy();
  expect(status).not.toBe(0);
  for (const last of ["11", "12"]) {
    expect(stdout).toContain(`[198.18.0.${last}] FAILED: removalPolicy is 'destroy' in the stack, and 'retain' in the state. Nothing was changed on this host. Deploy first, then destroy.`);
  }
  expect(await running()).toEqual(before);
  await site.mustDeploy({ removalPolicy: "retain" });
  expect(await running()).toEqual(before);
}, 180_000);

test("after cdktf destroy with removalPolicy `retain`, the hosts keep serving", async () => {
  const before = await running();
  const { status, stdout } = await site.deployment.destroy();
  expect(status).toBe(0);
  expect(said(stdout).filter((line) => line.includes("keeps running as it is"))).toHaveLength(2);
  expect(await running()).toEqual(before);
  expect((await site.curl(`https://${VIP}/owa/`)).status).toBe(200);
}, 120_000);

test("with removalPolicy `release`, cdktf destroy stops keepalived before haproxy, and a later deploy starts both services again", async () => {
  await site.mustDeploy({ removalPolicy: "release" });
  const { status, stdout } = await site.deployment.destroy();
  expect(status).toBe(0);
  const [keepalived, haproxy] = ["keepalived", "haproxy"].map((service) => stdout.lastIndexOf(`stopping ${service}`));
  expect(keepalived).toBeGreaterThan(-1);
  expect(haproxy).toBeGreaterThan(keepalived ?? 0);
  for (const host of site.lab.balancers) {
    expect((await host.must(services)).trim().split("\n")).toEqual(["inactive", "inactive", "disabled", "disabled"]);
    await host.must("test -s /etc/haproxy/haproxy.cfg -a -s /etc/keepalived/keepalived.conf");
  }
  expect(await site.holders()).toEqual([]);
  // Without rsyslog's files, which a later test wants back as they were.
  await site.mustDeploy({ removalPolicy: "destroy", logs: { to: "remote", address: site.lab.client.address, port: 514 } });
  await site.until("the address is served", 15, async () => (await site.curl(`https://${VIP}/owa/`)).status === 200);
}, 180_000);

test("with removalPolicy `destroy`, cdktf destroy restores the files and services from before the first deploy", async () => {
  const originals = await Promise.all(site.lab.balancers.map((host) => host.must("cd /var/lib/cdktf-exchange-balancer/original && find . -type f -exec sha256sum {} +")));
  const { status, stdout } = await site.deployment.destroy();
  expect(status).toBe(0);
  // Terraform's plan says what is going to happen.
  expect(stdout).toContain("the state from before the first deploy is restored");
  for (const [index, host] of site.lab.balancers.entries()) await host.must("cd / && sha256sum --quiet --check", { input: originals[index] ?? "" });
  expect(said(stdout).filter((line) => line.includes("removed; the state from before the first deploy is restored"))).toHaveLength(2);
  for (const host of site.lab.balancers) {
    const { trust, ofPackages } = site.lab.system;
    const inCa = readFileSync(site.lab.facts.caPath, "utf8").split("\n")[2] ?? "";
    expect(inCa.length).toBe(64);
    const left = await host.must(
      "ls -d /var/lib/cdktf-exchange-balancer /usr/libexec/cdktf-exchange-balancer /etc/systemd/system/cdktf* /etc/haproxy/exch.pem /etc/haproxy/*.lst " +
        "/etc/keepalived/keepalived.conf /etc/keepalived/vrrp.auth /usr/libexec/keepalived/haproxy-check " +
        `${trust.anchors}/lab-root${trust.ending} 2>/dev/null; grep -rlF '${inCa}' ${trust.traces} 2>/dev/null; ` +
        "firewall-offline-cmd --list-ports; firewall-offline-cmd --list-rich-rules; true",
    );
    expect(left.trim().split(/\s+/).filter((line) => line !== "")).toEqual([...ofPackages]);
    // firewalld did not run before the first deploy.
    expect((await host.exec("systemctl is-active firewalld; systemctl is-enabled firewalld")).stdout.trim().split("\n")).toEqual(["inactive", "disabled"]);
  }
  expect((await site.lb01.must(services)).trim().split("\n").slice(0, 2)).toEqual(["inactive", "inactive"]);
  expect(await site.lb01.read("/etc/haproxy/haproxy.cfg")).not.toContain("cdktf-exchange-balancer");
  expect(await site.lb02.read("/etc/haproxy/haproxy.cfg")).toBe(OWN_CONFIG);
  expect((await site.lb02.must("systemctl is-active haproxy; systemctl is-enabled haproxy")).trim().split("\n")).toEqual(["active", "enabled"]);
  // Its own balancer serves again, and its clients reach it: a firewall would not stop a question over loopback.
  expect(await site.lab.client.must("exec 3<>/dev/tcp/198.18.0.12/25; read -r -t 5 line <&3; echo $line")).toMatch(/^220 exch01/);
}, 120_000);
