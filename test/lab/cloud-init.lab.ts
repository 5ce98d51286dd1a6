import { readFileSync } from "node:fs";
import type { LabSite } from "../../examples/lab/main";
import { UserDataTarget } from "cdktf-exchange-balancer";
import { USER_DATA } from "./cloud-init";
import { VRRP_PASSWORD } from "./facts";
import type { Host } from "./hosts";
import type { Outcome } from "./run";
import { Site } from "./site";

// Hosts that a real cloud-init makes of user data, and the deploys over ssh that follow.

let site: Site;
const VIP = "198.18.0.15";
/** A command that prints the output of cloud-init from all boots. */
const SCRIPT_SAYS = "cat /var/log/cloud-init-output.log";

/** A site without secrets: TCP mode and fast failover need none. */
const OPEN: LabSite = { mode: "tcp", failover: { profile: "fast" }, cloudInit: { target: UserDataTarget.NO_CLOUD } };
const SECRETS = ["/etc/haproxy/exch.pem", "/etc/keepalived/vrrp.auth"];

beforeAll(async () => {
  site = await Site.attach();
}, 60_000);

/** Removes the Terraform state, applies the site without a delivery over ssh, and returns the user data of both nodes. */
async function userData(of: LabSite): Promise<{ lb01: string; lb02: Buffer }> {
  site.forgetState();
  await site.mustDeploy({ ...of, sshDelivery: false });
  const output = async (name: string): Promise<string> => {
    const { status, stdout, stderr } = await site.deployment.terraform(["output", "-raw", name]);
    if (status !== 0) throw new Error(stderr);
    return stdout;
  };
  return { lb01: await output("user_data_lb01"), lb02: Buffer.from(await output("user_data_lb02"), "base64") };
}

const running = (host: Host): Promise<string> =>
  host.must("systemctl show --property=MainPID,ActiveEnterTimestampMonotonic haproxy keepalived rsyslog firewalld; find /etc/haproxy /etc/keepalived /etc/systemd/system /usr/libexec/keepalived -type f -exec sha256sum {} +");

/** Deploys over ssh the configuration that the hosts already have from their user data, and checks that nothing changes. */
async function nothingChanges(of: LabSite): Promise<void> {
  const before = await Promise.all(site.lab.balancers.map(running));
  const output = await site.mustDeploy(of);
  expect(output.match(/\] (done|nothing to change.*)/g)).toEqual(Array(2).fill("] nothing to change, nothing reloaded"));
  expect(output).not.toMatch(/\] (reloading|starting|writing|installing|took over|no longer served|firewall:)/);
  expect(await Promise.all(site.lab.balancers.map(running))).toEqual(before);
  expect((await site.plan(of)).status).toBe(0);
}

const wellDone = ({ status, stdout }: Outcome): void => {
  expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining("status: done") as string });
  expect(stdout).toMatch(/status: done/);
};

test("a pair that boots from user data serves through the virtual address, and the first deploy over ssh changes nothing", async () => {
  const { lb01, lb02 } = await userData(OPEN);
  const outcomes = await Promise.all([site.lb01.bornFrom(lb01), site.lb02.bornFrom(lb02)]);
  outcomes.forEach(wellDone);
  expect(await Promise.all(site.lab.balancers.map((host) => host.sshLogins()))).toEqual([0, 0]);
  await site.until("lb01 alone holds the address", 20, async () => (await site.holders()).join() === "lb01");
  expect((await site.curl(`https://${VIP}/owa/healthcheck.htm`)).status).toBe(200);
  expect([...(await site.greeters(4, 25, "QUIT")).keys()].length).toBeGreaterThan(0);
  await nothingChanges(OPEN);
  // What comes after that is an ordinary deploy.
  expect(await site.mustDeploy({ ...OPEN, maxconn: 4500 })).toMatch(/reloading haproxy/);
}, 600_000);

test("cloud-init does not run the user data again at the next boot, and on a host with a finished deploy, a run by hand changes nothing", async () => {
  const before = await site.lb01.read("/etc/haproxy/haproxy.cfg");
  expect(before).toContain("4500");
  const first = await site.lb01.must(`${SCRIPT_SAYS} | grep '^.lb01'`);
  await site.lb01.shutDown();
  await site.lb01.start();
  wellDone(await site.lb01.cloudInitStatus());
  expect(await site.lb01.must(`${SCRIPT_SAYS} | grep '^.lb01'`)).toBe(first);
  // As for another instance: with firewalld on the host, Debian's systemd leaves cloud-init's network stage out of later boots, so it is run by hand.
  expect(await site.lb01.must(`sh ${USER_DATA}`)).toBe("[lb01] an earlier deploy has already configured this host, so the user data is not used\n");
  expect(await site.lb01.read("/etc/haproxy/haproxy.cfg")).toBe(before);
  expect((await site.plan({ ...OPEN, maxconn: 4500 })).status).toBe(0);
}, 300_000);

test("a node that boots before the other node serves alone until the other node joins", async () => {
  const { lb01, lb02 } = await userData(OPEN);
  await site.lb01.powerOff();
  wellDone(await site.lb02.bornFrom(lb02));
  await site.until("lb02 holds the address", 20, async () => (await site.holders()).join() === "lb02");
  expect((await site.curl(`https://${VIP}/owa/healthcheck.htm`)).status).toBe(200);
  // What is too large for a platform is named by a URL.
  await site.lab.client.must("mkdir -p /run/store && cat > /run/store/lb01", { input: lb01 });
  await site.lab.client.must("systemd-run --unit=store --collect --working-directory=/run/store python3 -m http.server 8000");
  const included = await site.lb01.bornFrom("#include\nhttp://198.18.0.31:8000/lb01\n");
  await site.lab.client.must("systemctl stop store");
  wellDone(included);
  await site.until("lb01 alone holds the address", 30, async () => (await site.holders()).join() === "lb01");
  await nothingChanges(OPEN);
}, 600_000);

describe("user data and secrets", () => {
  const bridge = (secretCommands?: { [path: string]: string }): LabSite => ({ cloudInit: { target: UserDataTarget.NO_CLOUD, secretCommands } });

  test("commands in the user data fetch the secrets, and the first deploy over ssh changes nothing", async () => {
    const files: Record<string, string> = { pem: readFileSync(site.lab.facts.pemPath, "utf8"), auth: `auth_pass ${VRRP_PASSWORD}\n` };
    await site.lab.client.must("mkdir -p /run/vault");
    for (const [name, input] of Object.entries(files)) await site.lab.client.must(["sh", "-c", `cat > /run/vault/${name}`], { input });
    await site.lab.client.must("systemd-run --unit=vault --collect --working-directory=/run/vault python3 -m http.server 8000");
    const born = bridge(Object.fromEntries(["pem", "auth"].map((name, index) => [SECRETS[index] ?? "", `curl --fail --silent --show-error http://198.18.0.31:8000/${name}`])));
    const { lb01, lb02 } = await userData(born);
    for (const secret of [VRRP_PASSWORD, "PRIVATE KEY", ...(files["pem"] ?? "").split("\n").filter((line) => line.length === 64).slice(-5)]) {
      expect(lb01).not.toContain(secret);
    }
    const outcomes = await Promise.all([site.lb01.bornFrom(lb01), site.lb02.bornFrom(lb02)]);
    await site.lab.client.must("systemctl stop vault");
    outcomes.forEach(wellDone);
    expect(await site.lb01.must("stat --format='%a %U' /etc/haproxy/exch.pem /var/lib/cdktf-exchange-balancer/secrets/cloud-init")).toBe("600 root\n600 root\n");
    expect((await site.lb01.exec(`grep -rlE 'PRIVATE KEY|${VRRP_PASSWORD}' /var/log /run/cdktf-exchange-balancer* /var/lib/cloud`)).stdout).toBe("");
    await site.until("lb01 alone holds the address", 30, async () => (await site.holders()).join() === "lb01");
    expect((await site.curl(`https://${VIP}/owa/healthcheck.htm`)).status).toBe(200);
    await nothingChanges(born);
  }, 600_000);

  test("if the user data have no command for secrets, a host installs packages, prints which secrets are missing, and serves after a deploy over ssh", async () => {
    const { lb01, lb02 } = await userData(bridge());
    const outcomes = await Promise.all([site.lb01.bornFrom(lb01), site.lb02.bornFrom(lb02)]);
    outcomes.forEach(wellDone);
    expect(await site.lb01.must(SCRIPT_SAYS)).toContain("[lb01] packages are installed. No service is started, because /etc/haproxy/exch.pem /etc/keepalived/vrrp.auth will come with the first deploy over ssh.");
    expect((await site.lb01.exec("systemctl is-active haproxy keepalived firewalld")).stdout).toBe("inactive\ninactive\ninactive\n");
    const output = await site.mustDeploy(bridge());
    expect(output).not.toContain("installing");
    await site.until("lb01 alone holds the address", 30, async () => (await site.holders()).join() === "lb01");
    expect((await site.curl(`https://${VIP}/owa/healthcheck.htm`)).status).toBe(200);
  }, 600_000);

  test("if a command for secrets fails, cloud-init's log has an error, the boot continues, and a deploy over ssh brings the secrets", async () => {
    const born = bridge(Object.fromEntries(SECRETS.map((path) => [path, "echo the vault is sealed >&2; exit 3"])));
    const { lb01 } = await userData(born);
    const outcome = await site.lb01.bornFrom(lb01);
    expect(outcome.stdout).toMatch(/status: error/);
    expect(outcome.stdout).toMatch(/scripts[_-]user/);
    const said = await site.lb01.must(SCRIPT_SAYS);
    expect(said.match(/the vault is sealed/g)).toHaveLength(5);
    expect(said).toContain("[lb01] FAILED: the secretCommands entry for /etc/haproxy/exch.pem failed or printed nothing in 5 tries");
    expect((await site.lb01.exec("systemctl is-active ssh; ls /run/cdktf-exchange-balancer* /var/lib/cdktf-exchange-balancer/work")).stdout).toBe("active\n");
    await site.lb02.reset();
    await site.mustDeploy(born);
    expect((await site.curl(`https://${VIP}/owa/healthcheck.htm`)).status).toBe(200);
  }, 600_000);
});

test("user data above the target's size limit are refused at synthesis, or by the plan if their size depends on values that only Terraform knows", async () => {
  site.forgetState();
  const refused = await site.deploy({ ...OPEN, cloudInit: { target: UserDataTarget.AWS }, sshDelivery: false });
  expect(refused.status).not.toBe(0);
  expect(refused.stderr).toMatch(/user data must be at most 16384 bytes before base64 for AWS, got about \d{5} bytes/);
  // The list is one of variables: only Terraform knows how long they are.
  const many = Array.from({ length: 6000 }, (_, index) => `10.${(index * 7919) % 251}.${(index * 104729) % 241}.${index % 239}/32`);
  const later = await site.plan({ ...OPEN, tokens: true, smtp: [...new Set(many)], cloudInit: { target: UserDataTarget.AZURE }, sshDelivery: false });
  expect(later.status).toBe(1);
  expect(later.stderr.replace(/[│\s]+/g, " ")).toMatch(/user data must be at most 65535 bytes before base64 for Azure, got \d{5,6} bytes/);
}, 200_000);
