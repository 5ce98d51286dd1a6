import type { LabSite } from "../../examples/lab/main";
import type { Host } from "./hosts";
import { outage } from "./outage";
import { say } from "./say";
import { Site } from "./site";

// Whatever happens to a node: one master, never two for longer than the fault lasts, and none only where nobody serves.

let site: Site;
let lb01: Host;
let lb02: Host;

/** The virtual addresses: lb01 is the preferred node of FIRST, and lb02 is the preferred node of SECOND. */
const FIRST = "198.18.0.15";
const SECOND = "198.18.0.16";
const FIRST_IPV6 = "fd00:198:18::15";
const HOOK = "/usr/local/sbin/tell-me";

const FAST: LabSite = {
  failover: { profile: "fast", preemptDelaySeconds: 2, yieldWithoutMembers: true },
  secondAddress: SECOND,
  ipv6Addresses: [`${FIRST_IPV6}/64`],
  notifyCommand: HOOK,
};

beforeAll(async () => {
  site = await Site.attach();
  ({ lb01, lb02 } = site);
  await Promise.all(site.lab.balancers.filter((host) => !host.isOn).map((host) => host.start()));
  const hook = `printf '#!/bin/sh\\necho "$(id -un) $*" >>/tmp/told\\n' >${HOOK} && chmod 755 ${HOOK} && rm -f /tmp/told`;
  await Promise.all(site.lab.balancers.map((host) => host.must(hook)));
  if ((await site.deploy(FAST)).status !== 0) {
    await site.fromBare();
    await Promise.all(site.lab.balancers.map((host) => host.must(hook)));
    await site.mustDeploy(FAST);
  }
  await settled();
}, 480_000);

async function holds(host: Host, address: string): Promise<boolean> {
  return host.isOn && (await host.exec("ip -brief address show")).stdout.includes(`${address}/`);
}

async function holders(address = FIRST): Promise<string> {
  const held = await Promise.all(site.lab.balancers.map((host) => holds(host, address)));
  return site.lab.balancers.filter((_, index) => held[index]).map(({ name }) => name).join("+");
}

const until = (who: string, address = FIRST, seconds = 20): Promise<number> =>
  site.until(`${address} is on ${who}`, seconds, async () => (await holders(address)) === who);

/** Whether SECOND is deployed in addition to FIRST. */
let both = true;

/** Waits until each address is only on its preferred node, and the client reaches the address on this node. */
async function settled(): Promise<void> {
  await until("lb01", FIRST, 40);
  await reached(FIRST, lb01);
  if (!both) return;
  await until("lb02", SECOND, 40);
  await reached(SECOND, lb02);
}

/** Waits until the client reaches `address`, and the client's ARP entry for it has the MAC address of `host`. */
async function reached(address: string, host: Host): Promise<void> {
  const mac = (await host.must(`cat /sys/class/net/${site.lab.facts.interface}/address`)).trim();
  await site.until(`the client finds ${address} at ${host.name}`, 10, async () => {
    const { status } = await site.curl(`http://${address}/`, "--max-time", "1");
    return status === 301 && (await site.lab.client.must(["ip", "neighbour", "show", address])).includes(mac);
  });
}

/** Counts how often keepalived on a node entered `state` between `mark` and `end`. */
async function became(host: Host, state: string, mark: string, end = "now"): Promise<number> {
  return (await host.must(`journalctl --sync; journalctl -u keepalived --no-pager -o cat --since '${mark}' --until '${end}'`)).split(`(EMAIL_VIP1) Entering ${state} STATE`).length - 1;
}

/**
 * Whether keepalived on the node would take FIRST if the other node failed. After a deploy, a node waits for its next
 * check, which asks the other node for its configuration.
 */
async function ready(host: Host): Promise<boolean> {
  const { stdout } = await host.exec(
    "journalctl --sync; journalctl --no-pager -o cat _SYSTEMD_INVOCATION_ID=$(systemctl show --property InvocationID --value keepalived) | grep -F '(EMAIL_VIP1) Entering' | tail -n 1");
  return /Entering (BACKUP|MASTER) STATE/.test(stdout);
}

/** Runs an nft command on a host through Python's nftables module: firewalld installs this module and not the program nft. */
const nft = (host: Host, command: string): Promise<string> => host.must(["python3", "-c", `import nftables; print(nftables.Nftables().cmd("""${command}"""))`]);
const noFault = (host: Host): Promise<string> => nft(host, "delete table inet fault");

async function fault(host: Host, chain: string): Promise<void> {
  expect(await nft(host, `table inet fault {\n${chain}\n}`)).toContain("(0,");
}

const now = async (host: Host): Promise<string> => (await host.must("date '+%F %T.%6N'")).trim();
const pause = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

afterEach(async () => {
  await Promise.all(site.lab.balancers.map((host) => host.exec("kill -CONT $(pidof haproxy keepalived); systemctl start haproxy keepalived")));
  await Promise.all(site.lab.balancers.map(noFault));
  await Promise.all(site.lab.balancers.map((host) => host.linkUp()));
  await settled();
}, 90_000);

describe("two healthy nodes", () => {
  test("each node holds the addresses for which it is the preferred node, IPv4 and IPv6", async () => {
    expect(await holders(FIRST)).toBe("lb01");
    expect(await holders(FIRST_IPV6)).toBe("lb01");
    expect(await holders(SECOND)).toBe("lb02");
    await site.lab.client.must(`ip -6 address replace fd00:198:18::31/64 dev ${site.lab.facts.interface} nodad`);
    expect((await site.curl(`http://[${FIRST_IPV6}]/`)).status).toBe(301);
    expect((await site.curl(`https://[${FIRST_IPV6}]/owa/`)).status).toBe(403); // The allow list holds for IPv6.
  });

  test("a virtual IPv6 address outside the interface's networks is refused, and no address moves", async () => {
    const card = site.lab.facts.interface;
    await lb02.must(`ip -6 address add fd00:198:99::12/64 dev ${card} nodad`);
    const { status, stdout, stderr } = await site.deploy({ ...FAST, ipv6Addresses: ["fd00:198:77::15/64"] });
    await lb02.must(`ip -6 address delete fd00:198:99::12/64 dev ${card}`);
    expect(status).toBe(1);
    const said = (stdout + stderr).replace(/[│╷╵]/g, " ").replace(/\s+/g, " ");
    expect(said).toContain(`[198.18.0.12] FAILED: virtualIpv6Addresses must be in a network of ${card}, got fd00:198:77::15/64.`);
    expect([await holders(FIRST), await holders(FIRST_IPV6), await holders(SECOND)]).toEqual(["lb01", "lb01", "lb02"]);
  }, 60_000);

  test("keepalived accepts its scripts as safe, and runs them as an unprivileged user", async () => {
    const log = await lb01.must("journalctl -b -u keepalived --no-pager -o cat");
    expect(log).not.toMatch(/unsafe|security violation|disabling|not found/i);
    // The check's process is there for a few milliseconds only; its file, which it may write, says who it is.
    await lb01.must("rm -f /run/keepalived-exchange-balancer/haproxy-ended; install -o haproxy -m 644 /dev/null /run/keepalived-exchange-balancer/haproxy-ended");
    await site.until("the check wrote the note", 5, async () => (await lb01.read("/run/keepalived-exchange-balancer/haproxy-ended")) === "0\n");
  });

  test("a reload of haproxy or of keepalived moves no address", async () => {
    const mark = await now(lb01);
    const away = await outage(site.lab.client, FIRST, 4, () => lb01.must("systemctl reload haproxy; sleep 1; systemctl reload keepalived"));
    expect(away).toBeLessThan(1);
    expect([await became(lb01, "FAULT", mark), await became(lb02, "MASTER", mark)]).toEqual([0, 0]);
  }, 30_000);

  test("the firewall admits VRRP only from the other node", async () => {
    const listen = `import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 112); s.settimeout(0.2); end = time.time() + 3; seen = set()
while time.time() < end:
    try: seen.add(s.recvfrom(100)[1][0])
    except OSError: pass
print(sorted(seen))`;
    // Version 3, advertisement, router id 233, priority 254: better than ours, if anybody listened.
    const send = `import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 112)
for _ in range(25):
    for to in ("198.18.0.11", "198.18.0.12"): s.sendto(bytes([0x31, 233, 254, 1, 0, 10, 0, 0, 198, 18, 0, 15]), (to, 0))
    time.sleep(0.1)`;
    await lb02.must("command -v python3");
    const heard = lb02.must(["python3", "-c", listen]);
    await pause(0.3);
    await site.lab.client.must(["python3", "-c", send]);
    expect((await heard).trim()).toBe("['198.18.0.11']");
    expect(await holders()).toBe("lb01");
  }, 30_000);
});

describe("faults of haproxy", () => {
  test("when haproxy is killed, the other node takes the address and later gives it back, and keepalived runs the notify command", async () => {
    await lb01.must("kill -KILL $(pidof haproxy)");
    await until("lb02");
    await settled();
    const told = (await lb01.read("/tmp/told")).trim().split("\n").filter((line) => line.includes("EMAIL_VIP1")).slice(-3);
    expect(told).toEqual(["FAULT", "BACKUP", "MASTER"].map((state) => `haproxy INSTANCE EMAIL_VIP1 ${state} 250`));
    expect(await lb01.must("journalctl -u keepalived --no-pager -o cat")).toContain("(EMAIL_VIP1) Entering FAULT STATE");
  }, 60_000);

  test("after an administrator stops haproxy, the node takes no address until haproxy is started, even if the file haproxy-ended contains 0", async () => {
    await lb01.must("systemctl stop haproxy");
    await until("lb02");
    await lb01.must("echo 0 >/run/keepalived-exchange-balancer/haproxy-ended");
    await pause(4);
    expect(await holders()).toBe("lb02");
    await lb01.must("systemctl start haproxy");
  }, 60_000);

  test("if the file haproxy-ended wrongly says that haproxy has ended, the check corrects the file within 5 s", async () => {
    await lb01.must("echo 1 >/run/keepalived-exchange-balancer/haproxy-ended");
    await site.until("the note is right", 5, async () => (await lb01.read("/run/keepalived-exchange-balancer/haproxy-ended")) === "0\n");
  }, 60_000);

  test("when haproxy hangs, the other node takes the address, usually within 0.7 s", async () => {
    const outages: number[] = [];
    for (let run = 0; run < 3; run++) {
      // At another moment of a check's second in each run.
      await pause(0.3 * run);
      outages.push(await outage(site.lab.client, FIRST, 5, () => lb01.must("kill -STOP $(pidof haproxy)")));
      await until("lb02");
      await lb01.must("kill -CONT $(pidof haproxy)");
      await settled();
    }
    say(`without an answer for ${outages.map((seconds) => seconds.toFixed(2)).join(", ")} s (takeoverTimes says 0.66 s at most)`);
    // Other tests run on the same machine, so the bound is wider than the figure. `npm run bench -- failover` compares with the figure.
    expect([...outages].sort((a, b) => a - b)[1]).toBeLessThan(1.1);
  }, 120_000);

  test("a healthy haproxy under full load is not mistaken for one that hangs", async () => {
    const mark = await now(lb01);
    // New TLS connections without end, while busy processes take the node's processors.
    const load = site.lab.client.must(`for i in $(seq 32); do timeout 20 sh -c 'while :; do curl -sk -m 10 -o /dev/null https://${FIRST}/owa/; done' & done; wait`, { timeout: 60 });
    await lb01.must("for i in 1 2 3 4 5 6; do timeout 20 sh -c 'while :; do :; done' & done; wait");
    await load;
    expect([await became(lb01, "FAULT", mark), await became(lb02, "MASTER", mark)]).toEqual([0, 0]);
  }, 120_000);

  test("when a frontend of haproxy is closed, the other node takes the address", async () => {
    const { masterSocket, openMasterSocket } = site.lab.system;
    await lb01.must(openMasterSocket);
    await settled();
    const frontend = (verb: string): Promise<string> => lb01.must(
      `python3 -c 'import socket; s = socket.socket(socket.AF_UNIX); s.connect("${masterSocket}"); s.send(b"@1 ${verb} frontend fe_exch2019_smtp\\n"); s.settimeout(1); s.recv(100)'`);
    await frontend("disable");
    await until("lb02");
    await frontend("enable");
  }, 60_000);

  test("when haproxy is killed every second, the address moves to the other node once, and stays there until haproxy runs without interruption", async () => {
    const mark = await now(lb01);
    // Not by systemctl kill: systemd 257 (Debian 13) then also kills the ExecStopPost that tells keepalived.
    // Two seconds after the last kill, lb01 may take the address back. On a busy machine, the questions below come later.
    const last = (await lb01.must("for i in 1 2 3 4 5; do [ $i = 1 ] || sleep 1.2; kill -KILL $(pidof haproxy); done; date '+%F %T.%6N'")).trim();
    expect(await holders()).toBe("lb02");
    expect([await became(lb02, "MASTER", mark, last), await became(lb01, "MASTER", mark, last)]).toEqual([1, 0]);
  }, 60_000);

  test("if only one node reaches an Exchange server, this node takes the address; if no node reaches an Exchange server, one node keeps the address", async () => {
    const block = "chain sent { type filter hook output priority 0; ip daddr { 198.18.0.21, 198.18.0.22 } reject with icmp type host-unreachable; }";
    await fault(lb01, block);
    await until("lb02", FIRST, 30);
    await fault(lb02, block);
    await pause(6);
    expect((await holders()).split("+")).toHaveLength(1);
    expect((await holders(SECOND)).split("+")).toHaveLength(1);
  }, 60_000);
});

describe("faults of the network", () => {
  test("when the link goes down and up again, the other node takes the address and later gives it back", async () => {
    await lb01.linkDown();
    await until("lb02");
    await lb01.linkUp();
  }, 60_000);

  test("when the link goes up and down several times, each address ends on its preferred node", async () => {
    for (let blip = 0; blip < 4; blip++) {
      await lb01.linkDown();
      await pause(0.3);
      await lb01.linkUp();
      await pause(0.5);
    }
    await settled();
  }, 60_000);

  test("while VRRP is filtered, both nodes hold the address; afterwards one node holds it, and clients reach this node", async () => {
    await fault(lb02, "chain heard { type filter hook prerouting priority -400; ip protocol 112 drop; }");
    await until("lb01+lb02");
    await noFault(lb02);
    await until("lb01", FIRST, 5);
  }, 60_000);

  test("while the nodes cannot reach each other but clients reach the two nodes, each node holds all addresses; afterwards each address is on one node", async () => {
    await fault(lb01, `chain parted { type filter hook prerouting priority -400; ip saddr ${lb02.address} drop; }`);
    await fault(lb02, `chain parted { type filter hook prerouting priority -400; ip saddr ${lb01.address} drop; }`);
    await until("lb01+lb02");
    await until("lb01+lb02", SECOND);
    await noFault(lb01);
    await noFault(lb02);
    await until("lb01", FIRST, 5);
    await until("lb02", SECOND, 5);
  }, 60_000);

  test("while the nodes' router ids differ, both nodes hold the address; afterwards only one node holds it", async () => {
    await lb02.must("sed -i.right 's/router_id 233/router_id 99/' /etc/keepalived/keepalived.conf && systemctl reload keepalived");
    await until("lb01+lb02");
    await lb02.must("mv /etc/keepalived/keepalived.conf.right /etc/keepalived/keepalived.conf && systemctl reload keepalived");
    await until("lb01", FIRST, 5);
  }, 60_000);
});

describe("faults of keepalived", () => {
  test.each(["lb01", "lb02"])("when keepalived is stopped on %s, the other node holds all addresses and later gives them back", async (name) => {
    const node = site.lab.host(name);
    const other = name === "lb01" ? "lb02" : "lb01";
    await node.must("systemctl stop keepalived");
    await until(other, FIRST);
    await until(other, SECOND);
    await node.must("systemctl start keepalived");
  }, 60_000);

  test.each(["lb01", "lb02"])("when keepalived and its child processes are killed on %s, systemd restarts keepalived, and the address is on one node", async (name) => {
    const node = site.lab.host(name);
    const before = await node.must("systemctl show --property=MainPID --value keepalived");
    await node.must("kill -KILL $(pidof keepalived)");
    await site.until("it runs again", 10, async () => !["0\n", before].includes((await node.exec("systemctl show --property=MainPID --value keepalived")).stdout));
    await settled();
  }, 60_000);

  test("when keepalived is frozen, as in a paused VM, the other node takes the address; when keepalived runs again, its node gets the address back, and clients reach this node", async () => {
    await lb01.must("kill -STOP $(pidof keepalived)");
    await until("lb01+lb02");
    await reached(FIRST, lb02);
    await lb01.must("kill -CONT $(pidof keepalived)");
    await until("lb01", FIRST, 5);
    await reached(FIRST, lb01);
  }, 60_000);
});

describe("the boot of a node", () => {
  test.each(["lb01", "lb02"])("when %s is rebooted, the other node holds all addresses and later gives them back", async (name) => {
    const node = site.lab.host(name);
    const other = name === "lb01" ? "lb02" : "lb01";
    await node.shutDown();
    await until(other, FIRST);
    await until(other, SECOND);
    await node.start();
    await settled();
  }, 90_000);

  test("when both nodes boot at the same time, each address is on one node", async () => {
    await Promise.all(site.lab.balancers.map((host) => host.powerOff()));
    await Promise.all(site.lab.balancers.map((host) => host.start()));
    await settled();
  }, 90_000);

  test("a node that boots without network takes its virtual addresses as soon as its interface has an IP address", async () => {
    const networkd = "systemd-networkd.service systemd-networkd.socket systemd-networkd-wait-online.service";
    await lb01.must(`systemctl mask ${networkd}`);
    await lb01.powerOff();
    await lb01.powerOn();
    await site.until("keepalived runs", 60, () => lb01.exec("systemctl is-active keepalived").then(({ stdout }) => stdout === "active\n", () => false));
    await pause(3);
    expect(await lb01.must(["ip", "-4", "-brief", "address", "show", site.lab.facts.interface])).not.toContain(lb01.address);
    expect(await holders()).toBe("lb02");
    await lb01.must(`systemctl unmask ${networkd} && systemctl start systemd-networkd`);
    await settled();
  }, 120_000);

  test("when a node boots and its haproxy does not start, the node never takes an address", async () => {
    await lb01.must("systemctl disable --now haproxy");
    await lb01.shutDown();
    await lb01.start();
    await pause(3);
    expect([await holders(FIRST), await holders(SECOND)]).toEqual(["lb02", "lb02"]);
    await lb01.must("systemctl enable --now haproxy");
  }, 90_000);
});

describe("other failover settings", () => {
  beforeAll(() => {
    both = false;
  });

  test("without preemption the address stays on the node that took it", async () => {
    await site.mustDeploy({ failover: { profile: "lan", preempt: false, multicast: true } });
    await site.until("one node holds the address", 10, async () => ["lb01", "lb02"].includes(await holders()));
    const [holder, other] = (await holders()) === "lb01" ? [lb01, lb02] : [lb02, lb01];
    await site.until(`${other.name} is ready to take the address`, 30, () => ready(other));
    await holder.must("systemctl restart haproxy");
    await until(other.name);
    await pause(3);
    expect(await holders()).toBe(other.name);
    if (other === lb02) await lb02.must("systemctl restart haproxy");
  }, 120_000);

  test("with Failover.article() and different VRRP passwords, both nodes hold the address; with the same password again, only one node holds it", async () => {
    await site.mustDeploy();
    await until("lb01");
    await lb02.must("sed -i.right 's/auth_pass .*/auth_pass other/' /etc/keepalived/vrrp.auth && systemctl reload keepalived");
    await until("lb01+lb02");
    await lb02.must("mv /etc/keepalived/vrrp.auth.right /etc/keepalived/vrrp.auth && systemctl reload keepalived");
  }, 120_000);
});
