import type { LabSite } from "../../examples/lab/main";
import type { Host } from "./hosts";
import { installed, type Shape } from "./shapes";
import { Site } from "./site";

// What administrators have around a deploy: environments, sudo, sshd, mounts, networks. One balancer without a pair is enough
// where nothing is asked of the other.

let site: Site;
let maxconn = 4300;
const ALONE: LabSite = { nodes: ["lb02"] };

beforeAll(async () => {
  site = await Site.attach();
}, 60_000);

const deployed = async (host: Host): Promise<void> => expect(await host.read("/etc/haproxy/haproxy.cfg")).toContain(`maxconn     ${maxconn}`);
/** A syslog server that receives over UDP, as a Python program. */
const COLLECTOR = `import socket
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 5514))
with open("/run/collected", "ab", 0) as lines:
    while True:
        lines.write(server.recv(9000) + b"\\n")
`;

const flat = (text: string): string => text.replace(/\s*\n[│\s]*/g, " ");

describe("a host that has had a delivery before", () => {
  beforeAll(async () => {
    await site.fromBare();
    await site.mustDeploy({ ...ALONE, maxconn });
  }, 420_000);

  /** Changes lb02 with `shape`, makes a deploy that must succeed, and reverts lb02 with `undo`. Returns the deploy's output. */
  async function deploysOn(shape: Shape, undo: string, settings: LabSite = {}): Promise<string> {
    const { lb02 } = site;
    maxconn++;
    try {
      await shape(lb02);
      const said = await site.mustDeploy({ ...ALONE, ...settings, maxconn });
      await deployed(lb02);
      return said;
    } finally {
      await lb02.must(undo);
    }
  }

  /** Changes lb02 with `shape`, makes a deploy that must fail, and reverts lb02 with `undo`. Returns the deploy's output. */
  async function failsOn(shape: Shape, undo: string, settings: LabSite = {}): Promise<string> {
    const { lb02 } = site;
    const before = await lb02.must("sha256sum /etc/haproxy/haproxy.cfg");
    maxconn++;
    try {
      await shape(lb02);
      const { status, stdout, stderr } = await site.deploy({ ...ALONE, ...settings, maxconn });
      expect(status).not.toBe(0);
      expect(await lb02.must("sha256sum /etc/haproxy/haproxy.cfg")).toBe(before);
      return flat(`${stdout}${stderr}`);
    } finally {
      await lb02.must(undo);
    }
  }

  test("a deploy works on a host with another locale, a TMPDIR on a noexec mount, and variables that change programs' output", async () => {
    const variables = [
      "LANG=ru_RU.UTF-8", "LC_ALL=de_DE.UTF-8", "LANGUAGE=ru", "TMPDIR=/run/no-programs", "POSIXLY_CORRECT=1", "GREP_COLORS=mt=01;31", "GREP_OPTIONS=--color=always",
      "SYSTEMD_COLORS=1", "SYSTEMD_PAGER=less", "CDPATH=/tmp", "COLUMNS=20", "HISTCONTROL=ignoreboth", "BLOCK_SIZE=1M", "TIME_STYLE=full-iso", "LS_COLORS=x", "ENV=/root/.shrc", "BASH_ENV=/root/.shrc",
    ];
    await deploysOn(
      async (host) => {
        await host.must("mkdir -p /run/no-programs && mount -t tmpfs -o noexec tmpfs /run/no-programs");
        await host.must("cp /etc/environment /run/environment; cat >>/etc/environment; printf 'set -u\\numask 077\\nalias rm=\"rm -i\"\\n' >/root/.shrc", { input: `${variables.join("\n")}\n` });
      },
      "cp /run/environment /etc/environment; umount /run/no-programs; rm -f /root/.shrc",
    );
  }, 240_000);

  test("a deploy works if root's shell is dash, and root's profile has set -eu, umask 077 and aliases", async () => {
    await deploysOn(
      async (host) => {
        await host.must("for file in profile bashrc; do [ ! -f /root/.$file ] || cp /root/.$file /run/root.$file; printf 'set -eu\\numask 077\\nalias cp=\"cp -i\" mv=\"mv -i\" grep=\"grep --color=always\"\\n' >/root/.$file; done; usermod --shell /bin/dash root");
      },
      "usermod --shell /bin/bash root; for file in profile bashrc; do rm -f /root/.$file; [ ! -f /run/root.$file ] || mv /run/root.$file /root/.$file; done",
    );
  }, 180_000);

  test("a deploy works for a user whose sudo has secure_path, use_pty, a lecture and a umask", async () => {
    await deploysOn(
      (host) => host.must("printf 'Defaults secure_path=/usr/bin:/bin\\nDefaults use_pty\\nDefaults lecture=always\\nDefaults umask=0077, umask_override\\nDefaults log_output\\n' >/etc/sudoers.d/hardened; chmod 440 /etc/sudoers.d/hardened; visudo -c"),
      "rm /etc/sudoers.d/hardened",
      { user: "deploy" },
    );
  }, 180_000);

  test("a deploy fails for a user whose sudo asks for a password", async () => {
    const said = await failsOn(
      (host) => host.must("cp /etc/sudoers.d/deploy /run/sudoers.deploy; echo 'deploy ALL=(ALL) ALL' >/etc/sudoers.d/deploy"),
      "cp /run/sudoers.deploy /etc/sudoers.d/deploy",
      { user: "deploy" },
    );
    expect(said).toContain("user deploy may not use sudo without a password");
  }, 180_000);

  test("a deploy works with an sshd that allows one session for each connection, and permits the user's own environment", async () => {
    await deploysOn(
      (host) => host.must("printf 'MaxSessions 1\\nPermitUserEnvironment yes\\nPrintLastLog yes\\nBanner /etc/issue\\n' >/etc/ssh/sshd_config.d/hardened.conf; printf 'PATH=/nowhere:/usr/bin:/bin\\nLC_ALL=ru_RU.UTF-8\\n' >/root/.ssh/environment; systemctl reload ssh"),
      "rm /etc/ssh/sshd_config.d/hardened.conf /root/.ssh/environment; systemctl reload ssh",
    );
  }, 180_000);

  test("a deploy fails on a host without scp or with a ForceCommand in sshd's configuration", async () => {
    const forced = await failsOn(
      (host) => host.must("echo 'ForceCommand /bin/echo no shell here' >/etc/ssh/sshd_config.d/forced.conf; systemctl reload ssh"),
      "rm /etc/ssh/sshd_config.d/forced.conf; systemctl reload ssh",
    );
    // scp takes the first character for a code of its protocol.
    expect(forced).toMatch(/Failed to upload script: .*o shell here/);
    expect(await failsOn((host) => host.must("mv /usr/bin/scp /usr/bin/scp.away"), "mv /usr/bin/scp.away /usr/bin/scp")).toContain("Failed to upload script: SCP failed to start. This usually means that SCP is not properly installed on the remote system.");
  }, 240_000);

  test("a deploy works with /tmp, /var/tmp, /dev/shm and /var mounted noexec", async () => {
    const mounts = ["/tmp", "/var/tmp", "/dev/shm", "/var"];
    await deploysOn(
      (host) => host.must(`set -e; for at in ${mounts.join(" ")}; do mount --bind $at $at; mount -o remount,bind,noexec,nosuid,nodev $at; done`),
      `for at in ${[...mounts].reverse().join(" ")}; do umount --lazy $at; done`,
    );
  }, 180_000);

  const readOnly = (at: string): Shape => (host) => host.must(`mount --bind ${at} ${at} && mount -o remount,bind,ro ${at}`);

  test.each([
    ["/etc", "/etc/haproxy cannot be written: Read-only file system. Nothing was changed."],
    ["/var", "/var/lib/cdktf-exchange-balancer cannot be written. Nothing was changed. Check whether its file system is mounted read-only"],
  ])("a deploy stops before anything changes if %s is mounted read-only", async (at, words) => {
    const said = await failsOn(readOnly(at), `umount --lazy ${at}`);
    expect(said).toContain(`[198.18.0.12] FAILED: ${words}`);
    expect(said).not.toContain("rolling back");
  }, 180_000);

  test("a deploy works with a read-only /usr if nothing in /usr changes", async () => {
    await deploysOn(readOnly("/usr"), "umount --lazy /usr");
  }, 180_000);

  test("a deploy fails if a folder is immutable", async () => {
    const { lb02 } = site;
    if ((await lb02.exec("command -v chattr && chattr +i /etc/haproxy && chattr -i /etc/haproxy")).status !== 0) return void process.stdout.write("This machine cannot make a folder immutable, so the test did not run.\n");
    expect(await failsOn((host) => host.must("chattr +i /etc/haproxy"), "chattr -i /etc/haproxy")).toMatch(/FAILED: \/etc\/haproxy cannot be written: .* Nothing was changed/);
  }, 180_000);

  test("if rsyslog.conf does not include /etc/rsyslog.d, a deploy succeeds and prints that HAProxy's log is lost", async () => {
    const { lb02 } = site;
    await lb02.must("cp /etc/rsyslog.conf /run/rsyslog.conf; sed -i '/IncludeConfig\\|include(/d' /etc/rsyslog.conf; rm /etc/rsyslog.d/49-haproxy.conf");
    try {
      const said = await site.mustDeploy({ ...ALONE, maxconn: ++maxconn });
      expect(said).toContain("[198.18.0.12] rsyslog does not listen on 127.0.0.1:514, so HAProxy's log lines are lost.");
      expect((await site.curl(`https://${lb02.address}/owa/`)).status).toBe(200);
    } finally {
      await lb02.must("cp /run/rsyslog.conf /etc/rsyslog.conf; systemctl restart rsyslog");
    }
  }, 180_000);

  test("a deploy switches HAProxy's log to another target, and a later deploy switches the log back to files", async () => {
    const { lb02 } = site;
    const seen = async (command: string): Promise<void> => {
      const name = `/owa/?logged=${Date.now()}`;
      await site.curl(`https://${lb02.address}${name}`);
      await site.until(`${command} has ${name}`, 15, async () => (await lb02.exec(`${command} | grep -F '${name}'`)).status === 0);
    };
    const file = "cat /var/log/haproxy.log";
    await site.mustDeploy({ ...ALONE, maxconn: ++maxconn });
    await seen(file);
    const pid = await lb02.must("systemctl show --property=MainPID --value haproxy");
    const said = await site.mustDeploy({ ...ALONE, maxconn, logs: { to: "journal" } });
    expect(said).toContain("[198.18.0.12] reloading rsyslog, which no longer has files of this library");
    expect(said).toMatch(/\[198\.18\.0\.12\] changed: wrote \/etc\/haproxy\/haproxy\.cfg; removed .*\/etc\/rsyslog\.d\/49-haproxy\.conf/);
    expect((await lb02.exec("ls /etc/rsyslog.d/49-haproxy.conf /etc/logrotate.d/haproxy; ss -Hlun sport = :514; systemctl is-active rsyslog")).stdout).toBe("active\n");
    await seen("journalctl -u haproxy --no-pager -o cat");
    await lb02.must("tee /run/collector.py", { input: COLLECTOR });
    await lb02.must("systemd-run --quiet --unit=collector --collect python3 /run/collector.py");
    await site.mustDeploy({ ...ALONE, maxconn, logs: { to: "remote", address: "127.0.0.1", port: 5514 } });
    await seen("cat /run/collected");
    expect(await lb02.must("grep -c '^<[0-9]*>1 [^ ]* lb02' /run/collected")).toMatch(/^[1-9]/);
    await site.mustDeploy({ ...ALONE, maxconn, logs: { to: "none" } });
    expect((await site.curl(`https://${lb02.address}/owa/`)).status).toBe(200);
    await site.mustDeploy({ ...ALONE, maxconn });
    await seen(file);
    expect(await lb02.must("systemctl show --property=MainPID --value haproxy")).toBe(pid);
    await lb02.must("systemctl stop collector");
  }, 400_000);
});

describe("a bare host", () => {
  beforeEach(async () => site.fromBare(), 120_000);

  test("a host with an active nftables.service is refused even if the service has no rules, and the message names the service", async () => {
    const { lb02 } = site;
    await installed(lb02, "nftables");
    await lb02.must("printf 'flush ruleset\\n' >/etc/nftables.conf; systemctl enable --quiet nftables && systemctl restart nftables");
    const { status, stdout } = await site.deploy({ ...ALONE, maxconn });
    expect(status).not.toBe(0);
    expect(stdout).toMatch(/FAILED: nftables\.service filters this host \(it is active\).* Nothing was changed\..*turn off every packet filter except firewalld/);
    await lb02.must("systemctl disable --now --quiet nftables");
    await site.mustDeploy({ ...ALONE, maxconn });
    await deployed(lb02);
  }, 400_000);

  test("a deploy works beside docker's rules if firewalld uses iptables", async () => {
    const { lb02 } = site;
    await installed(lb02, "firewalld", "iptables", "netbase", "python3-nftables", "nftables");
    // A firewalld that was killed, or restarted while it started, leaves its nftables rules behind. They are kept and put back here, so that each run has them.
    await lb02.must("systemctl enable --now --quiet firewalld; until nft list chain inet firewalld filter_INPUT >/dev/null 2>&1; do sleep 0.2; done; nft list table inet firewalld >/root/left-over.nft");
    await lb02.must("sed -i 's/^FirewallBackend=.*/FirewallBackend=iptables/' /etc/firewalld/firewalld.conf; systemctl restart firewalld; until firewall-cmd -q --state; do sleep 0.2; done; sleep 3");
    await lb02.must("nft list table inet firewalld >/dev/null 2>&1 || nft -f /root/left-over.nft");
    await lb02.must("iptables -N DOCKER; iptables -P FORWARD DROP; iptables -A FORWARD -j DOCKER; iptables -t nat -N DOCKER; iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER");
    // The rules that were left would block the ports that the deploy opens.
    const { status, stdout } = await site.deploy({ ...ALONE, maxconn });
    expect(status).not.toBe(0);
    expect(flat(stdout)).toContain("The rules of the old FirewallBackend block the ports that firewalld opens. Nothing was changed. Run nft delete table inet firewalld, and deploy again.");
    await lb02.must("nft delete table inet firewalld");
    await site.mustDeploy({ ...ALONE, maxconn });
    await deployed(lb02);
    expect(await lb02.must("firewall-cmd --list-ports")).toContain("443/tcp");
    expect(await lb02.must("iptables-save")).toContain("-A FORWARD -j DOCKER");
    expect((await site.curl(`https://${lb02.address}/owa/`)).status).toBe(200);
  }, 400_000);

  test("a deploy keeps syslog-ng as the host's syslog server, does not install rsyslog, and names the prop for logging without rsyslog", async () => {
    const { lb02 } = site;
    await installed(lb02, "syslog-ng-core");
    const { status, stdout } = await site.deploy({ ...ALONE, maxconn });
    expect(status).not.toBe(0);
    expect(flat(stdout)).toMatch(/FAILED: cannot install .*rsyslog.* without removing other packages .* set logs: HaproxyLogs\.remote\(/);
    const kept = "dpkg-query -W -f '${db:Status-Status}' syslog-ng-core; systemctl is-active syslog-ng";
    expect(await lb02.must(kept)).toBe("installedactive\n");
    await site.mustDeploy({ ...ALONE, maxconn, logs: { to: "journal" } });
    await deployed(lb02);
    expect(await lb02.must(kept)).toBe("installedactive\n");
    expect((await site.curl(`https://${lb02.address}/owa/`)).status).toBe(200);
  }, 400_000);
});

describe("a pair with unusual interfaces", () => {
  test("a pair works if an interface is named bond0.20 and the serving interface has a second address", async () => {
    await site.fromBare();
    for (const host of site.lab.balancers) {
      const last = host.address.split(".").pop();
      await host.must(`ip link add bond0.20 type veth peer name bond0 && ip address add 192.0.2.${last}/24 dev bond0.20 && ip address add 198.18.0.1${last}/24 dev ${site.lab.facts.interface} && ip link set bond0 up && ip link set bond0.20 up`);
    }
    await site.mustDeploy({ maxconn });
    await site.until("one node holds the address", 15, async () => (await site.holders()).join() === "lb01");
    const refused = await site.deploy({ maxconn: maxconn + 1, interface: "bond0.20" });
    expect(refused.status).not.toBe(0);
    expect(flat(refused.stdout)).toMatch(/virtualAddresses must be in a network of bond0[.]20, got 198[.]18[.]0[.]15[.] This host has .*bond0[.]20 \(192[.]0[.]2[.]12\/24\)/);
  }, 500_000);
});
