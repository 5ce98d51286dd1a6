import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { Duration, SshAccess } from "cdktf-exchange-balancer";
import { type Case, balancerStack, synth, variable } from "../support/site";
import type { Host } from "./hosts";
import { hostKeys } from "./keys";
import { inState } from "./paths";
import { must, type Outcome } from "./run";
import { bannerInBashrc, guardedBannerInBashrc, homeOnNoexec, loginShell, requireTty } from "./shapes";
import { Site } from "./site";
import { openTofuBinary, terraformBinary } from "./terraform-binary";

// The ways in, on hosts with the three host keys that every system makes, and with what people do to root's home.

const FOLDER = inState("hosts-ssh");
let site: Site;

beforeAll(async () => {
  site = await Site.attach();
  await site.fromBare();
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
}, 120_000);

const facts = (name: string): { address: string; hostKey: string } =>
  site.lab.facts.hosts.find((host) => host.name === name) ?? { address: "", hostKey: "" };

describe.each([["Terraform", terraformBinary], ["OpenTofu", openTofuBinary]])("ssh logins by %s", (_, binary) => {
  // OpenTofu is built from its source once, which took 450 s on a busy machine of two processors.
  beforeAll(async () => {
    await binary();
  }, 1_200_000);

  /**
   * Logs in to lb01 with the connection settings of the master of `balancer`. Prints one word there and changes
   * nothing.
   */
  async function login(balancer: Case["balancer"], variables: { readonly [name: string]: string } = {}): Promise<Outcome> {
    const synthesized = JSON.parse(synth(balancerStack({ balancer }).stack)) as {
      variable?: object; resource: { null_resource: { [name: string]: { connection: object } } };
    };
    const [, delivery] = Object.entries(synthesized.resource.null_resource).find(([name]) => name.startsWith("Mail_Master_Provision_")) ?? [];
    const connection = delivery?.connection;
    const config = {
      variable: synthesized.variable ?? {},
      resource: { terraform_data: { login: { connection, provisioner: [{ "remote-exec": { inline: ["echo logged in"] } }] } } },
    };
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(path.join(FOLDER, "main.tf.json"), JSON.stringify(config));
    writeFileSync(path.join(FOLDER, "terraform.tfvars.json"), JSON.stringify({ vrrp_password: "x", ...variables }));
    return site.lab.inNamespace([await binary(), "apply", "-auto-approve", "-input=false", "-no-color"], {
      cwd: FOLDER, env: { TF_CLI_CONFIG_FILE: "/dev/null", CHECKPOINT_DISABLE: "1" }, timeout: 60,
    });
  }
  const access = (options: object = {}): SshAccess =>
    SshAccess.privateKeyFile({ path: site.lab.facts.ssh.privateKeyPath, connectTimeout: Duration.seconds(5), ...options });
  const to = (hostKey: string, options: object = {}): Case["balancer"] => ({ ssh: access(options), master: { host: facts("lb01").address, hostKey } });
  const scanned = (name: string): Promise<string> => site.lab.mustInNamespace(["ssh-keyscan", "-T", "5", facts(name).address]);

  test("a login succeeds if all lines of ssh-keyscan are pinned", async () => {
    const scan = await scanned("lb01");
    expect(scan.match(/ (ssh-rsa|ecdsa-sha2-nistp256|ssh-ed25519) /g)).toHaveLength(3);
    expect((await login(to(scan))).stdout).toContain("logged in");
  }, 60_000);

  test("a login succeeds if the pinned lines of ssh-keyscan come from a variable", async () => {
    const balancer: Case["balancer"] = (stack) => ({
      ssh: access(), master: { host: facts("lb01").address, hostKey: variable(stack, "scan") },
    });
    expect((await login(balancer, { scan: await scanned("lb01") })).stdout).toContain("logged in");
    expect((await login(balancer, { scan: await scanned("lb02") })).stderr).toContain("knownhosts: key mismatch");
  }, 60_000);

  test("a login succeeds if only the host's ecdsa key is pinned", async () => {
    expect((await login(to((await hostKeys("lb01")).ecdsa.publicText))).stdout).toContain("logged in");
  }, 60_000);

  test("a login is refused if the keys of another host are pinned", async () => {
    expect((await login(to(await scanned("lb02")))).stderr).toContain("knownhosts: key mismatch");
  }, 60_000);

  test.each(["rsa", "ed25519"] as const)("a login is refused if only the host's %s key is pinned, as the warning at synthesis says", async (type) => {
    expect((await login(to((await hostKeys("lb01"))[type].publicText))).stderr).toContain("knownhosts: key mismatch");
  }, 60_000);

  // ssh-keyscan prints the kinds in another order each time.
  test.each(["ecdsa", "ssh-rsa", "ssh-ed25519"])("a login through a bastion succeeds if both hosts' keys are pinned and the node's %s key is in the first line", async (kind) => {
    const keys = (await scanned("lb01")).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    const [own, jump] = [[...keys.filter((key) => key.includes(` ${kind}`)), ...keys.filter((key) => !key.includes(` ${kind}`))].join("\n"), await scanned("client")];
    const { stdout } = await login(to(own, { bastion: { host: facts("client").address, hostKey: jump } }));
    expect(stdout).toContain("logged in");
    const later: Case["balancer"] = (stack) => ({
      ssh: access({ bastion: { host: facts("client").address, hostKey: variable(stack, "jump_keys") } }),
      master: { host: facts("lb01").address, hostKey: variable(stack, "node_keys") },
    });
    expect((await login(later, { node_keys: own, jump_keys: jump })).stdout).toContain("logged in");
    expect(await site.lb01.must("journalctl -u ssh --no-pager -o cat | grep Accepted | tail -n 1")).toContain("from 198.18.0.31 ");
  }, 60_000);

  test("a login through a bastion succeeds if only the node's ecdsa key is pinned", async () => {
    const bastion = { host: facts("client").address, hostKey: await scanned("client") };
    expect((await login(to((await hostKeys("lb01")).ecdsa.publicText, { bastion }))).stdout).toContain("logged in");
  }, 60_000);

  test("a login through a bastion is refused if another host's keys are pinned for the bastion", async () => {
    const { stderr } = await login(to(await scanned("lb01"), { bastion: { host: facts("client").address, hostKey: await scanned("lb02") } }));
    expect(stderr).toContain("knownhosts: key mismatch");
  }, 60_000);

  test("a login to port 2222 succeeds", async () => {
    await site.lb01.must("systemd-run --quiet --unit=sshd-2222 --collect /usr/sbin/sshd -D -p 2222");
    try {
      await site.until("sshd listens", 5, async () => (await site.lb01.exec("ss -Hltn sport = :2222")).stdout !== "");
      const scan = await site.lab.mustInNamespace(["ssh-keyscan", "-p", "2222", facts("lb01").address]);
      expect(scan).toContain("[198.18.0.11]:2222 ");
      expect((await login(to(scan, { port: 2222 }))).stdout).toContain("logged in");
    } finally {
      await site.lb01.must("systemctl stop sshd-2222");
    }
  }, 60_000);

  test("a login through a bastion succeeds with ssh certificates and with a separate private key for the bastion", async () => {
    const at = (name: string): string => path.join(path.dirname(FOLDER), `hosts-ssh-keys`, name);
    rmSync(at("."), { recursive: true, force: true });
    mkdirSync(at("."));
    for (const name of ["ca", "user", "jump"]) await must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", at(name)]);
    for (const name of ["user", "jump"]) await must(["ssh-keygen", "-q", "-s", at("ca"), "-I", "lab", "-n", "root", "-V", "-1h:+1h", at(`${name}.pub`)]);
    // Before sshd reads its files anew: it does not answer at that moment.
    const keys = { client: await scanned("client"), lb01: await scanned("lb01") };
    for (const host of [site.lb01, site.lab.client]) {
      await host.must(["tee", "/etc/ssh/user-ca.pub"], { input: readFileSync(at("ca.pub")) });
      await host.must("echo 'TrustedUserCAKeys /etc/ssh/user-ca.pub' > /etc/ssh/sshd_config.d/ca.conf && systemctl reload ssh");
    }
    const certificate = readFileSync(at("user-cert.pub"), "utf8");
    const balancer: Case["balancer"] = {
      ssh: SshAccess.privateKeyFile({
        path: at("user"), certificate, connectTimeout: Duration.seconds(5), bastion: { host: facts("client").address, hostKey: keys.client, privateKeyPath: at("jump"), certificate: readFileSync(at("jump-cert.pub"), "utf8") },
      }),
      master: { host: facts("lb01").address, hostKey: keys.lb01 },
    };
    const { stdout, stderr } = await login(balancer);
    expect(stderr).toBe("");
    expect(stdout).toContain("logged in");
    expect(await site.lb01.must("journalctl -u ssh --no-pager -o cat | grep Accepted | tail -n 1")).toContain("ED25519-CERT");
  }, 60_000);

  test("if an ssh agent has too many keys for sshd, a login succeeds only if the props name the key", async () => {
    const [socket, pid] = await agentOf(8);
    process.env["SSH_AUTH_SOCK"] = socket;
    try {
      const scan = await scanned("lb01");
      const balancer = (agentIdentity?: string): Case["balancer"] => ({
        ssh: SshAccess.agent({ connectTimeout: Duration.seconds(5), ...(agentIdentity === undefined ? {} : { agentIdentity }) }),
        master: { host: facts("lb01").address, hostKey: scan },
      });
      expect((await login(balancer())).stderr).toContain("Too many authentication failures");
      expect((await login(balancer(site.lab.facts.ssh.privateKeyPath))).stdout).toContain("logged in");
    } finally {
      delete process.env["SSH_AUTH_SOCK"];
      process.kill(pid);
    }
  }, 60_000);

  /** Starts an ssh agent with `others` keys that no host accepts, and after them the lab's key. */
  async function agentOf(others: number): Promise<[string, number]> {
    const started = await must(["ssh-agent", "-s"]);
    const [, socket = ""] = /SSH_AUTH_SOCK=([^;]+)/.exec(started) ?? [];
    const [, pid = ""] = /SSH_AGENT_PID=(\d+)/.exec(started) ?? [];
    const folder = inState("hosts-ssh-agent");
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    for (let number = 0; number < others; number++) {
      const key = path.join(folder, String(number));
      await must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", `other ${number}`, "-f", key]);
      await must(["ssh-add", "-q", key], { env: { SSH_AUTH_SOCK: socket } });
    }
    await must(["ssh-add", "-q", site.lab.facts.ssh.privateKeyPath], { env: { SSH_AUTH_SOCK: socket } });
    return [socket, Number(pid)];
  }
});

describe("a deploy with unusual networks and login shells", () => {
  const deployed = async (host: Host, maxconn: number): Promise<void> => expect(await host.read("/etc/haproxy/haproxy.cfg")).toContain(`maxconn     ${maxconn}`);

  beforeAll(async () => {
    await site.mustDeploy({ maxconn: 4200 });
  }, 420_000);

  test("a deploy works if each host has two networks and Terraform uses the second network", async () => {
    await site.mustDeploy({ maxconn: 4201, managed: true });
    await deployed(site.lb01, 4201);
    expect(await site.lb01.must("journalctl -u ssh --no-pager -o cat | grep Accepted")).toContain("from 198.19.0.1 ");
    await site.until("one node holds the address", 15, async () => (await site.holders()).join() === "lb01");
    await site.mustDeploy({ maxconn: 4200 });
  }, 120_000);

  test("a deploy works for a user to whom sudo applies requiretty", async () => {
    await requireTty(site.lb01);
    await site.mustDeploy({ maxconn: 4202, user: "deploy" });
    await deployed(site.lb01, 4202);
  }, 120_000);

  test.each([["zsh", 4203], ["fish", 4204]] as const)("a deploy works if root's login shell is %s", async (shell, maxconn) => {
    await loginShell(shell)(site.lb01);
    try {
      await site.mustDeploy({ maxconn });
      await deployed(site.lb01, maxconn);
    } finally {
      await site.lb01.must("usermod --shell /bin/bash root");
    }
  }, 120_000);

  test("a deploy works if .bashrc prints text only in terminals", async () => {
    await guardedBannerInBashrc(site.lb01);
    await site.mustDeploy({ maxconn: 4205 });
    await deployed(site.lb01, 4205);
  }, 120_000);

  test("a deploy fails with the documented message if .bashrc also prints text in sessions that are not interactive", async () => {
    await bannerInBashrc(site.lb01);
    const { status, stderr } = await site.deploy({ maxconn: 4206 });
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/Failed to upload script: .*Welcome to lb01/);
    await site.lb01.must("rm /root/.bashrc");
  }, 120_000);

  test("a deploy fails with the documented message if the home folder is mounted noexec", async () => {
    await homeOnNoexec(site.lb01);
    try {
      const { status, stdout, stderr } = await site.deploy({ maxconn: 4207 });
      expect(status).not.toBe(0);
      expect(`${stdout}${stderr}`).toMatch(/Permission denied|status 126|status: 126/);
    } finally {
      await site.lb01.must("umount --lazy /root");
    }
    await site.mustDeploy({ maxconn: 4208 });
  }, 120_000);
});
