import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { LabSite } from "../../examples/lab/main";
import { must } from "./run";
import { Site } from "./site";

// What goes wrong on real hosts: the message says which host and what to do, and
// what served before serves on.

let site: Site;
const VIP = "198.18.0.15";
const scratch = mkdtempSync(path.join(tmpdir(), "exlab-failures-"));

beforeAll(async () => {
  site = await Site.attach();
  // On top of what the other suite left, or from bare hosts: each suite runs alone, too.
  if ((await site.deploy()).status !== 0) {
    await site.fromBare();
    await site.mustDeploy();
  }
  await site.until("the address is served", 15, async () => (await site.curl(`https://${VIP}/owa/`)).status === 200);
}, 240_000);

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Returns each host's file checksums, main process ids and firewall settings, to compare them before and after a failure. */
async function fingerprint(): Promise<string[]> {
  const command =
    `find /etc/haproxy /etc/keepalived /etc/rsyslog.d /usr/libexec/keepalived ${site.lab.system.trust.anchors} -type f -exec sha256sum {} + | sort; ` +
    "systemctl show --property=MainPID haproxy keepalived rsyslog; firewall-cmd --list-all";
  return Promise.all(site.lab.balancers.map((host) => host.must(command)));
}

/** Makes a deploy that must fail, checks that nothing changed on the hosts, and returns Terraform's output in one line. */
async function fails(change: LabSite): Promise<string> {
  const before = await fingerprint();
  const { status, stdout, stderr } = await site.deploy(change);
  expect(status).not.toBe(0);
  expect(await fingerprint()).toEqual(before);
  expect((await site.curl(`https://${VIP}/owa/`)).status).toBe(200);
  return said({ stdout, stderr });
}

/**
 * Returns the part of Terraform's output that follows the plan. The result is one line and has no box characters and no
 * resource prefixes.
 */
function said({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string {
  return (stdout.slice(Math.max(0, stdout.indexOf("\nPlan:"))) + stderr)
    .replace(/null_resource\.\w+ \(remote-exec\): /g, "")
    .replace(/[│╷╵]/g, " ")
    .replace(/\s+/g, " ");
}

/** After each failure, a deploy with correct settings must succeed. */
afterEach(async () => {
  await site.mustDeploy();
  expect((await site.plan()).status).toBe(0);
}, 120_000);

test("if the backup is off, the deploy fails and names the backup's address, and the master is not touched", async () => {
  const output = await fails({ maxconn: 4100, backupHost: "198.18.0.99" });
  expect(output).toContain("198.18.0.99");
  expect(output).toMatch(/no route to host|timeout/);
}, 120_000);

test("a host whose ssh host key differs from the pinned key receives nothing", async () => {
  const backupHostKey = site.lab.facts.hosts.find(({ name }) => name === "lb01")?.hostKey ?? "";
  const logins = await site.lb02.sshLogins();
  expect(await fails({ maxconn: 4101, backupHostKey })).toContain("knownhosts: key mismatch");
  expect(await site.lb02.sshLogins()).toBe(logins);
}, 120_000);

test("a deploy with a user who cannot use sudo fails, and the message says what to do", async () => {
  expect(await fails({ maxconn: 4103, user: "nosudo" })).toContain(
    '[198.18.0.12] FAILED: user nosudo may not use sudo without a password. Add "nosudo ALL=(ALL) NOPASSWD: ALL" to /etc/sudoers.d, or deploy as root.',
  );
}, 120_000);

test("a deploy stops before anything changes if a host's operating system differs from the node's prop `os`", async () => {
  const { other, prettyName } = site.lab.system;
  const family = other.os.replace(/ .*/, "");
  expect(await fails({ maxconn: 4104, os: other.suite })).toMatch(
    new RegExp(`\\[198\\.18\\.0\\.12\\] FAILED: the node's prop os is for the ${family} family, but this host is ${prettyName}\\. Nothing was changed\\. Set the node's prop os to this host's system\\.`),
  );
}, 120_000);

test("a certificate that HAProxy refuses never goes live, and the message shows HAProxy's output", async () => {
  // As from a secret store: nobody can see before that the key is another's.
  process.env.TF_VAR_certificate = readFileSync(site.lab.facts.certificatePath, "utf8");
  process.env.TF_VAR_private_key = await must(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1"]);
  const output = await fails({ pemVariables: true });
  expect(output).toMatch(/\[ALERT\].*\/etc\/haproxy\/haproxy\.cfg:\d+\].*\/etc\/haproxy\/exch\.pem/);
  expect(output).toContain(
    "[198.18.0.12] FAILED: haproxy -c rejected the new /etc/haproxy/haproxy.cfg (output above). Nothing was changed. The running services were not touched.",
  );
}, 120_000);

test("a certificate file with the private key of another certificate is refused at synthesis", async () => {
  const pemPath = path.join(scratch, "foreign-key.pem");
  const foreign = await must(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1"]);
  writeFileSync(pemPath, readFileSync(site.lab.facts.certificatePath, "utf8") + foreign);
  const output = await fails({ pemPath });
  expect(output).toContain("path must contain the private key of CN=mail.lab.test, got another key. Use the key that was created with this certificate's request [lab/Cert]");
  expect(output).not.toContain("Connecting to remote host");
}, 120_000);

test("if a certificate file is missing, a deploy names the file, and touches no host", async () => {
  const output = await fails({ pemPath: "/no/such/exch.pem" });
  expect(output).toContain('path must be an existing text file, got "/no/such/exch.pem", which is missing, empty or binary');
  expect(output).not.toContain("Connecting to remote host");
}, 120_000);

test("a CA file that is not PEM is refused before any host is touched, and the message contains the command that converts it", async () => {
  const caPath = path.join(scratch, "root.der");
  await must(["openssl", "x509", "-in", site.lab.facts.caPath, "-outform", "der", "-out", caPath]);
  const output = await fails({ caPath });
  expect(output).toContain("root.der\", which is in DER or PFX form. Convert it with npx cdktf-exchange-balancer cert from-pfx (PFX) or openssl x509 -inform der (DER)");
  expect(output).not.toContain("Connecting to remote host");
}, 120_000);

test("a deploy stops before anything changes if another program listens on a port that the deploy needs", async () => {
  await site.lb02.must("systemd-run --unit=squatter --collect python3 -m http.server 993");
  try {
    await site.until("the squatter listens", 5, async () => (await site.lb02.exec("ss -Hltn 'sport = :993'")).stdout !== "");
    expect(await fails({ allProtocols: true })).toMatch(
      /\[198\.18\.0\.12\] FAILED: port 993 is used by "python3",pid=\d+\. Nothing was changed\. Stop that program, or use another port\./,
    );
  } finally {
    await site.lb02.must("systemctl stop squatter");
  }
}, 120_000);

test("when HAProxy cannot load the new files, the previous files are restored, and the master is not touched", async () => {
  // Bound, but not listening: nothing shows it, until HAProxy wants the port.
  await site.lb02.must(
    `systemd-run --unit=squatter --collect python3 -c 'import socket, time; s = socket.socket(); s.bind(("0.0.0.0", 993)); time.sleep(600)'`,
  );
  try {
    const output = await fails({ allProtocols: true });
    expect(output).toMatch(/cannot bind socket .*0\.0\.0\.0:993/);
    expect(output).toContain(
      "[198.18.0.12] FAILED: haproxy did not start to serve with the new files within 20 s. The previous files are restored, and the services run as before.",
    );
    expect((await site.curl("https://198.18.0.12/owa/")).status).toBe(200);
  } finally {
    await site.lb02.must("systemctl stop squatter");
  }
}, 180_000);

test("if the disk becomes full while HAProxy reloads, no file is destroyed", async () => {
  // /etc on a small disk of its own, filled by haproxy's own reload.
  await site.lb02.must(
    "mkdir -p /run/etc-haproxy && mount -t tmpfs -o size=16m tmpfs /run/etc-haproxy && cp -a /etc/haproxy/. /run/etc-haproxy/ && mount --bind /run/etc-haproxy /etc/haproxy && " +
      "mkdir -p /run/systemd/system/haproxy.service.d && printf '[Service]\\nExecReload=\\nExecReload=/bin/sh -c \"head -c 32m /dev/zero >/etc/haproxy/fill; exit 1\"\\n' >/run/systemd/system/haproxy.service.d/fill.conf && systemctl daemon-reload",
  );
  try {
    const cfg = await site.lb02.read("/etc/haproxy/haproxy.cfg");
    const { status, stdout, stderr } = await site.deploy({ maxconn: 4111 });
    expect(status).not.toBe(0);
    expect(said({ stdout, stderr })).toMatch(/\[198\.18\.0\.12\] FAILED: haproxy could not load the new files \(output above\)\./);
    const live = await site.lb02.read("/etc/haproxy/haproxy.cfg");
    // Either whole: the former one, or, where there was no room for it, the new one and a journal for the next deploy.
    if (live !== cfg) {
      expect(live).toContain("maxconn     4111\n");
      expect(live.split("\n")).toHaveLength(cfg.split("\n").length);
      expect(said({ stdout, stderr })).toContain("these files could not be restored: /etc/haproxy/haproxy.cfg");
      await site.lb02.must("test -s /var/lib/cdktf-exchange-balancer/journal");
    }
  } finally {
    await site.lb02.must(
      "rm -rf /run/systemd/system/haproxy.service.d /etc/haproxy/fill && systemctl daemon-reload && umount /etc/haproxy && cp -a /run/etc-haproxy/. /etc/haproxy/ && umount /run/etc-haproxy",
    );
  }
}, 120_000);

test("a repeated delivery overwrites an edited check script, and writes no file in /etc/keepalived", async () => {
  await site.lb02.must("sed -i '$ a # edited' /usr/libexec/keepalived/haproxy-check");
  const output = await site.mustRedeploy("Mail_Backup_Provision");
  expect(said({ stdout: output, stderr: "" })).toMatch(/writing \/usr\/libexec\/keepalived\/haproxy-check (.*)?reloading keepalived/);
  expect(output).not.toContain("writing /etc/keepalived");
  expect(await site.lb02.read("/usr/libexec/keepalived/haproxy-check")).not.toContain("# edited");
}, 120_000);

test("a deploy to a full disk stops before anything changes", async () => {
  const folder = "/var/lib/cdktf-exchange-balancer";
  await site.lb02.must(`cp -a ${folder} ${folder}.full && mount -t tmpfs -o size=300k tmpfs ${folder} && cp -a ${folder}.full/. ${folder}/`);
  try {
    expect(await fails({ maxconn: 4105 })).toMatch(
      /\[198\.18\.0\.12\] FAILED: only \d+ kB are free for \/var\/lib\/cdktf-exchange-balancer, but \d+ kB are needed\. Nothing was changed\. Make room and deploy again\./,
    );
  } finally {
    await site.lb02.must(`umount ${folder} && rm -rf ${folder}.full`);
  }
}, 120_000);

test("a deploy that cannot install a package names the package and shows the package manager's output", async () => {
  const { source, removeAlone, forgetLists, notFound } = site.lab.system.packages;
  await site.lb02.must(`${removeAlone("logrotate")} && mv /${source.file} /${source.file}.away && ${forgetLists}`);
  try {
    expect(await fails({ maxconn: 4106 })).toMatch(
      new RegExp(`(${notFound("logrotate")}).*\\[198\\.18\\.0\\.12\\] FAILED: cannot install logrotate \\(output above\\)\\. The running services were not touched\\. Give this host a working package source and deploy again\\.`),
    );
  } finally {
    await site.lb02.must(`mv /${source.file}.away /${source.file}`);
  }
}, 180_000);

test("a package source that does not answer does not delay packages from other sources", async () => {
  const { deadSource, removeAlone, forgetLists } = site.lab.system.packages;
  await site.lb02.must(`${removeAlone("logrotate")} && cat >/${deadSource.file}`, { input: deadSource.text });
  try {
    const output = await site.mustDeploy({ maxconn: 4112 });
    expect(said({ stdout: output, stderr: "" })).toContain(deadSource.said);
    await site.lb02.must("command -v logrotate");
  } finally {
    await site.lb02.must(`rm /${deadSource.file} && ${forgetLists}`);
  }
}, 180_000);

test("a deploy waits for the package manager while another program has its lock", async () => {
  const { removeAlone, lockFile, waiting } = site.lab.system.packages;
  await site.lb02.must(removeAlone("logrotate"));
  await site.lb02.must(`systemd-run --unit=holder --collect python3 -c 'import fcntl, time; f = open("${lockFile}", "a"); fcntl.lockf(f, fcntl.LOCK_EX); time.sleep(600)'`);
  const deploy = site.mustDeploy({ maxconn: 4113 });
  await site.until("the deploy is on the host", 90, async () => (await site.lb02.exec("pgrep -f [a]pply.sh")).status === 0);
  await new Promise((resolve) => setTimeout(resolve, 8000));
  expect((await site.lb02.exec("command -v logrotate")).status).not.toBe(0);
  await site.lb02.must("systemctl stop holder");
  expect(said({ stdout: await deploy, stderr: "" })).toMatch(new RegExp(waiting));
  await site.lb02.must("command -v logrotate");
}, 180_000);

test("if haproxy's unit loads further files, a deploy checks them together with haproxy.cfg", async () => {
  const { folder, load, unload } = site.lab.system.otherConfigs;
  await site.lb02.must(`${load} && echo 'frontend stray' >${folder}/stray.cfg && echo '    bind nonsense' >>${folder}/stray.cfg`);
  try {
    const output = await fails({ maxconn: 4114 });
    expect(output).toMatch(new RegExp(`\\[ALERT\\].*${folder}/stray\\.cfg:2`));
    expect(output).toContain(`FAILED: haproxy -c rejected the new /etc/haproxy/haproxy.cfg together with ${folder}, which haproxy.service also loads (output above). Nothing was changed`);
  } finally {
    await site.lb02.must(unload);
  }
}, 120_000);

test("a deploy stops before anything changes if haproxy's unit does not load haproxy.cfg", async () => {
  await site.lb02.must(
    "mkdir -p /run/systemd/system/haproxy.service.d && printf '[Service]\\nExecStart=\\nExecStart=/usr/sbin/haproxy -Ws -f /etc/haproxy/mine.cfg\\n' >/run/systemd/system/haproxy.service.d/mine.conf && systemctl daemon-reload",
  );
  try {
    expect(await fails({ maxconn: 4115 })).toContain(
      "FAILED: haproxy.service loads /etc/haproxy/mine.cfg instead of /etc/haproxy/haproxy.cfg, which comes from /run/systemd/system/haproxy.service.d/mine.conf (ExecStart=/usr/sbin/haproxy -Ws -f /etc/haproxy/mine.cfg). Nothing was changed. Remove that setting, run systemctl daemon-reload, restart haproxy in a maintenance window, and deploy again.",
    );
  } finally {
    await site.lb02.must("rm -r /run/systemd/system/haproxy.service.d && systemctl daemon-reload");
  }
}, 120_000);

test("a file that was edited by hand is reported, copied and overwritten", async () => {
  await site.lb02.must("sed -i 's/4000/4001/' /etc/haproxy/haproxy.cfg");
  const output = await site.mustDeploy({ maxconn: 4107 });
  expect(said({ stdout: output, stderr: "" })).toContain(
    "[198.18.0.12] /etc/haproxy/haproxy.cfg was edited or removed on the host since the last deploy. This deploy overwrites it, and keeps the host's version in /var/lib/cdktf-exchange-balancer/edited/etc/haproxy/haproxy.cfg",
  );
  expect(await site.lb02.read("/var/lib/cdktf-exchange-balancer/edited/etc/haproxy/haproxy.cfg")).toContain("4001");
  expect(await site.lb02.read("/etc/haproxy/haproxy.cfg")).toContain("maxconn     4107");
}, 120_000);

test("a deploy prints SELinux's denials, and sets the SELinux labels of the files that it writes (tested with imitations of SELinux's programs)", async () => {
  // No kernel here has SELinux: its programs say what they would say, and write down what they are asked for.
  const tools: { readonly [name: string]: string } = {
    selinuxenabled: "exit 0",
    getsebool: 'echo "$1 --> on"',
    restorecon: 'echo "$*" >>/run/labelled',
    ausearch: `printf 'type=AVC msg=audit(%s.123:456): avc:  denied  { read } for  pid=9 comm="keepalived" name="x" scontext=system_u:system_r:keepalived_t:s0\\ntype=AVC msg=audit(1000000000.123:457): avc:  denied  { read } for  pid=9 comm="keepalived" name="of-old"\\n' "$(date +%s)"`,
  };
  const folder = "/etc/systemd/system/keepalived.service.d";
  for (const [name, text] of Object.entries(tools)) {
    await site.lb02.must(`rm -f /run/labelled; [ ! -e /usr/sbin/${name} ] || mv /usr/sbin/${name} /run/${name}.real; cat >/usr/sbin/${name} && chmod 755 /usr/sbin/${name}`, { input: `#!/bin/sh\n${text}\n` });
  }
  try {
    await site.lb02.must(["rm", "-r", folder]);
    const output = said({ stdout: await site.mustRedeploy("Mail_Backup_Provision"), stderr: "" });
    expect(output).toContain('[198.18.0.12] SELinux refused these accesses during the deploy: avc: denied { read } for pid=9 comm="keepalived" name="x" scontext=system_u:system_r:keepalived_t:s0');
    expect(output).not.toContain("of-old");
    expect((await site.lb02.read("/run/labelled")).split("\n")).toEqual(expect.arrayContaining([`-RF ${folder}`]));
  } finally {
    for (const name of Object.keys(tools)) await site.lb02.must(`rm -f /usr/sbin/${name}; [ ! -e /run/${name}.real ] || mv /run/${name}.real /usr/sbin/${name}`);
  }
}, 120_000);

describe("the kinds of ssh login", () => {
  test("a deploy works with a user who has sudo", async () => {
    await site.mustDeploy({ maxconn: 4108, user: "deploy" });
    expect(await site.lb01.read("/etc/haproxy/haproxy.cfg")).toContain("maxconn     4108");
    await site.until("the user's home folder is as before", 6, async () => (await site.lb01.exec("ls -A /home/deploy | grep cdktf")).stdout === "");
  }, 120_000);

  test("a deploy works through a bastion", async () => {
    await site.mustDeploy({ maxconn: 4109, bastion: "client" });
    expect(await site.lb01.must(`journalctl -u ${site.lab.system.sshUnit} --no-pager -o cat | grep Accepted | tail -n 1`)).toContain("from 198.18.0.31 ");
  }, 120_000);

  test("a deploy works with the keys of an ssh agent", async () => {
    const started = await must(["ssh-agent", "-s"]);
    const [, socket = ""] = /SSH_AUTH_SOCK=([^;]+)/.exec(started) ?? [];
    const [, pid = ""] = /SSH_AGENT_PID=(\d+)/.exec(started) ?? [];
    process.env.SSH_AUTH_SOCK = socket;
    try {
      await must(["ssh-add", "-q", site.lab.facts.ssh.privateKeyPath]);
      await site.mustDeploy({ maxconn: 4110, agent: true });
    } finally {
      delete process.env.SSH_AUTH_SOCK;
      process.kill(Number(pid));
    }
    expect(await site.lb01.read("/etc/haproxy/haproxy.cfg")).toContain("maxconn     4110");
  }, 120_000);
});
