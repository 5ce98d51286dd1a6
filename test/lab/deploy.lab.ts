import { readFileSync } from "node:fs";
import * as path from "node:path";
import { hostFiles } from "cdktf-exchange-balancer/testing";
import { VRRP_PASSWORD } from "./facts";
import { Site } from "./site";

// In order: from bare hosts to a balancer that serves, is changed, and loses a node.

let site: Site;
const VIP = "198.18.0.15";

beforeAll(async () => {
  site = await Site.attach();
  await site.fromBare();
}, 120_000);

test("one deploy installs the pair on bare hosts, the backup first", async () => {
  expect((await site.lb01.exec("command -v haproxy keepalived firewall-cmd rsyslogd")).stdout).toBe("");
  const output = await site.mustDeploy();
  expect(output.match(/\[198\.18\.0\.1[12]\] done/g)).toEqual(["[198.18.0.12] done", "[198.18.0.11] done"]);
  // Two for the secrets, one for everything else.
  expect(await Promise.all(site.lab.balancers.map((host) => host.sshLogins()))).toEqual([3, 3]);
  await site.until("lb01 alone holds the address", 15, async () => (await site.holders()).join() === "lb01");
  for (const host of site.lab.balancers) {
    expect((await host.must("systemctl is-active rsyslog haproxy keepalived firewalld; systemctl is-enabled haproxy keepalived firewalld")).trim().split("\n"))
      .toEqual(["active", "active", "active", "active", "enabled", "enabled", "enabled"]);
  }
}, 240_000);

test("every file on the hosts is byte for byte equal to the rendered file", async () => {
  const synthesized = readFileSync(path.join(site.deployment.stackDir, "cdk.tf.json"), "utf8");
  for (const { host: address, files } of hostFiles(synthesized)) {
    const host = site.lab.balancers.find((one) => one.address === address);
    for (const { path: file, mode, content, secret } of files) {
      expect(`${file} ${await host?.must(["stat", "--format=0%a root:root", file])}`).toBe(`${file} ${mode} root:root\n`);
      if (secret || content.startsWith("${")) continue;
      // The host adds which configuration it serves.
      const stamped = file === "/etc/haproxy/pair.http";
      expect(await host?.read(file).then((text) => (stamped ? text.slice(0, content.length) : text))).toBe(content);
    }
  }
});

test("the firewall admits VRRP, so the backup hears the master", async () => {
  expect((await site.lb02.must("firewall-cmd --list-rich-rules")).trim().split("\n").sort()).toEqual([
    'rule family="ipv4" source address="198.18.0.11" port port="8405" protocol="tcp" accept',
    'rule family="ipv4" source address="198.18.0.11" protocol value="vrrp" accept',
  ]);
  expect(await site.holders()).toEqual(["lb01"]);
});

test("HTTPS, SMTP and IMAP through the virtual address reach the members in the proportion of their weights", async () => {
  expect(Object.fromEntries(await site.servers(40, `https://${VIP}/owa/`))).toEqual({ exch01: 30, exch02: 10 });
  expect(Object.fromEntries(await site.greeters(40, 25, "QUIT"))).toEqual({ exch01: 30, exch02: 10 });
  // IMAP is balanced by leastconn, which weighs what is open, so only that both serve is certain.
  expect([...(await site.greeters(20, 143, "a LOGOUT")).keys()].sort()).toEqual(["exch01", "exch02"]);
});

test("each virtual directory is served, and a user can log in by NTLM through SSL bridging", async () => {
  for (const directory of ["owa", "EWS", "mapi", "Microsoft-Server-ActiveSync", "OAB", "rpc", "Autodiscover", "ecp"]) {
    expect({ directory, ...(await site.curl(`https://${VIP}/${directory}/healthcheck.htm`)) }).toMatchObject({ status: 200 });
  }
  const { status, body } = await site.curl(`https://${VIP}/EWS/Exchange.asmx`, "--ntlm", "--user", "LAB\\alice:Passw0rd!");
  expect(status).toBe(200);
  expect(JSON.parse(body)).toMatchObject({ user: "alice", auth: "ntlm" });
});

test("clients see Exchange's certificate, and the balancers trust its CA", async () => {
  const fingerprint = `openssl s_client -connect %s:443 -servername mail.lab.test </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256`;
  const seen = await Promise.all([VIP, "198.18.0.21", "198.18.0.22"].map((host) => site.lab.client.must(fingerprint.replace("%s", host))));
  expect(new Set(seen).size).toBe(1);
  await site.lb02.must("curl --silent --fail --resolve mail.lab.test:443:198.18.0.21 https://mail.lab.test/owa/healthcheck.htm");
});

test("port 80 redirects to HTTPS and keeps host and path", async () => {
  const { stdout } = await site.lab.client.exec(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", "-H", "Host: mail.lab.test", `http://${VIP}/owa/?a=1`]);
  expect(stdout).toBe("301 https://mail.lab.test/owa/?a=1");
});

test("the allow lists admit and refuse clients, whatever the spelling of the path", async () => {
  const from = async (address: string, target: string): Promise<number> =>
    (await site.curl(`https://${VIP}${target}`, "--interface", address)).status;
  expect(await from("198.18.0.31", "/ecp/")).toBe(200);
  for (const spelling of ["/ecp/", "/ECP/", "/Ecp", "/%65cp/", "//ecp/", "/./ecp/", "/owa/../ecp/", "/owa/..%2fecp/", "/ecp/%zz", "/;/ecp/", "/%2565cp/", "/%u0065cp/"]) {
    expect(`${spelling} ${await from("198.18.0.32", spelling)}`).toMatch(/ 40[03]$/);
  }
  expect(await from("198.18.0.32", "/owa/")).toBe(200);
  expect(await from("198.18.0.31", "/powershell/")).toBe(403);

  const smtp = (address: string): Promise<string> =>
    site.lab.client.exec(["python3", "-c", `
import socket
s = socket.create_connection(("${VIP}", 25), 5, ("${address}", 0))
s.settimeout(5)
try: print(s.recv(100).decode())
except OSError as error: print("refused", error)
`]).then(({ stdout }) => stdout.trim());
  expect(await smtp("198.18.0.32")).toMatch(/^220 exch0[12]/);
  // HAProxy's own count, in which health checks are not.
  const sessions = (): Promise<string> =>
    site.lb01.must("exec 3<>/dev/tcp/127.0.0.1/8404; echo 'show stat' >&3; grep '^be_exch2019_smtp,BACKEND,' <&3 | cut -d, -f8");
  const before = await sessions();
  expect(await smtp("198.18.0.33")).not.toContain("220");
  expect(await sessions()).toBe(before);
  expect(await smtp("198.18.0.32")).toMatch(/^220/);
  expect(Number(await sessions())).toBe(Number(before) + 1);
});

test("the address stays on a node whose haproxy has reached maxconn", async () => {
  // HTTPS has 7 of 10 places, SMTP and IMAP 2 each: together more than there are.
  await site.mustDeploy({ maxconn: 10, limits: { connections: 100 } });
  const held = site.lab.client.must(
    `python3 -c 'import socket, time; held = [socket.create_connection(("${VIP}", port), 5) for port, many in ((443, 8), (25, 3), (143, 3)) for _ in range(many)]; time.sleep(16)'`,
  );
  const seen = new Set<string>();
  let open = 0;
  for (let second = 0; second < 14; second++) {
    seen.add((await site.holders()).join());
    if (second === 5) open = Number(await site.lb01.must("exec 3<>/dev/tcp/127.0.0.1/8404; echo 'show info' >&3; sed -n 's/^CurrConns: //p' <&3"));
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  await held;
  expect(open).toBeGreaterThanOrEqual(10);
  await site.mustDeploy();
  expect([...seen]).toEqual(["lb01"]);
}, 90_000);

test("HAProxy's logs arrive in their files", async () => {
  await site.curl(`https://${VIP}/owa/?seen-in-the-log`);
  await site.until("the request is in haproxy.log", 5, async () => (await site.lb01.exec("grep -q seen-in-the-log /var/log/haproxy.log")).status === 0);
  expect(Number(await site.lb01.must("grep -c 'succeeded, reason' /var/log/haproxy-notice.log"))).toBeGreaterThan(10);
  const logMode = "stat --format='%a %U:%G' /var/log/haproxy.log";
  expect(await site.lb01.must(logMode)).toBe(`${site.lab.system.logs}\n`);
  await site.lb01.must("logrotate --force /etc/logrotate.d/haproxy");
  await site.curl(`https://${VIP}/owa/?after-the-rotation`);
  await site.until("rsyslog writes to the new file", 5, async () => (await site.lb01.exec("grep -q after-the-rotation /var/log/haproxy.log")).status === 0);
  expect(await site.lb01.must(logMode)).toBe(`${site.lab.system.logs}\n`);
  // What HAProxy prints besides is in the journal, and none of its members' health in the system's log a second time.
  await site.lb01.must("systemctl is-active rsyslog && logger --tag lab until-here && journalctl --sync");
  await site.until("the system's log is written", 10, async () => (await site.lb01.exec(`grep -q until-here ${site.lab.system.systemLog}`)).status === 0);
  expect(await site.lb01.must("journalctl --boot --no-pager --output=cat --unit haproxy")).toMatch(/Health check for/);
  expect((await site.lb01.exec(`grep haproxy ${site.lab.system.systemLog} | grep -c 'Health check for\\| is UP'`)).stdout).toBe("0\n");
});

test("the firewall admits ssh and the ports of the deployed protocols, and no other port", async () => {
  await site.lb01.must("systemd-run --unit=stray --collect python3 -m http.server 9999");
  const ports = [22, 25, 80, 110, 143, 443, 587, 993, 8404, 9999];
  const open = await site.lab.client.must(
    `for port in ${ports.join(" ")}; do timeout 1 bash -c "exec 3<>/dev/tcp/198.18.0.11/$port" 2>/dev/null && echo $port; done; true`,
  );
  await site.lb01.must("systemctl stop stray");
  expect(open.trim().split("\n").map(Number)).toEqual([22, 25, 80, 143, 443]);
});

test("a second deploy changes nothing and opens no ssh connection", async () => {
  const before = await Promise.all(site.lab.balancers.map((host) => host.sshLogins()));
  expect((await site.plan()).status).toBe(0);
  expect(await site.mustDeploy()).toContain("0 added, 0 changed, 0 destroyed");
  expect(await Promise.all(site.lab.balancers.map((host) => host.sshLogins()))).toEqual(before);
});

test("if one prop changes, the plan shows only the lines that depend on this prop, and HAProxy reloads with no request lost", async () => {
  const plan = await site.plan({ maxconn: 5000 });
  const shares = (places: number, most: number, placesNow: number, mostNow: number): string[] => [
    `maxconn ${places} -> maxconn ${placesNow}`,
    `tcp-request connection reject if { sc0_conn_cur gt ${most} } -> tcp-request connection reject if { sc0_conn_cur gt ${mostNow} }`,
  ];
  // The process, then HTTPS, SMTP and IMAP with their shares.
  const LINES = ["maxconn 4000 -> maxconn 5000", ...shares(3000, 1500, 3750, 1875), ...shares(1000, 500, 1250, 625), ...shares(1000, 500, 1250, 625)];
  const lines = plan.stdout.split("\n");
  // Lines of a list: changed as `~ "old" -> "new"`, gone as `- "old"`, new as `+ "new"`.
  const changed = lines.filter((line) => /^\s+[-+~] "/.test(line) && !line.includes(" = "));
  expect(changed.map((line) => line.replace(/^\s+~ "|",$/g, "").replace('" -> "', " -> ").replace(/\s+/g, " ").trim())).toEqual([
    ...LINES, ...LINES,
  ]);
  // Of what stays, one line on each side.
  expect(lines.length).toBeLessThan(150);

  const mainPid = "systemctl show --property=MainPID --value haproxy";
  const before = await site.lb01.must(mainPid);
  const load = site.lab.client.must(
    `failed=0; for i in $(seq 400); do curl -sk -m 5 -o /dev/null https://${VIP}/owa/healthcheck.htm || failed=$((failed+1)); done; echo $failed failed`,
    { timeout: 120 },
  );
  const logins = await Promise.all(site.lab.balancers.map((host) => host.sshLogins()));
  const output = await site.mustDeploy({ maxconn: 5000 });
  expect(await Promise.all(site.lab.balancers.map((host) => host.sshLogins()))).toEqual(logins.map((before) => before + 1));
  expect(output.match(/reloading \w+|starting \w+/g)).toEqual(["reloading haproxy", "reloading haproxy"]);
  expect(await load).toBe("0 failed\n");
  expect(await site.lb01.must(mainPid)).toBe(before);
  expect(await site.lb01.must("exec 3<>/dev/tcp/127.0.0.1/8404; echo 'show info' >&3; grep ^Maxconn: <&3")).toBe("Maxconn: 5000\n");
}, 180_000);

test("a pair switches between tcp and sslBridge back and forth", async () => {
  await site.mustDeploy({ mode: "tcp" });
  expect(Object.fromEntries(await site.servers(20, `https://${VIP}/owa/`))).toEqual({ exch01: 15, exch02: 5 });
  expect((await site.curl(`http://${VIP}/owa/`)).status).toBe(301);
  // The CA stays: in TCP mode the health checks want it.
  const gone = "ls /etc/haproxy/exch.pem /etc/haproxy/haproxy_ecp_whitelist.lst";
  expect((await site.lb01.exec(gone)).stdout).toBe("");
  await site.mustDeploy();
  expect((await site.lb01.exec(gone)).stdout.trim().split("\n")).toHaveLength(2);
  expect((await site.curl(`https://${VIP}/ecp/`, "--interface", "198.18.0.32")).status).toBe(403);
}, 120_000);

test("values given as tokens give the same files as literal values, so a deploy changes no file", async () => {
  await site.mustDeploy();
  const files = "find /etc/haproxy /etc/keepalived -type f -exec sha256sum {} +";
  const before = await site.lb01.must(files);
  const pids = await site.lb01.must("pidof haproxy");
  const output = await site.mustDeploy({ tokens: true });
  expect(output.match(/\] (done|nothing to change)/g)).toEqual(Array(2).fill("] nothing to change"));
  expect(await site.lb01.must(files)).toBe(before);
  expect(await site.lb01.must("pidof haproxy")).toBe(pids);
  expect(await site.mustDeploy({ tokens: true, maxconn: 4200 })).toMatch(/reloading haproxy/);
  expect(await site.lb01.read("/etc/haproxy/haproxy_smtp_whitelist.lst")).toBe("198.18.0.31/32\n198.18.0.32\n");
  expect((await site.curl(`https://${VIP}/owa/`)).status).toBe(200);
}, 120_000);

test("the firewall closes a port when a deploy removes its protocol", async () => {
  await site.mustDeploy({ allProtocols: true });
  const ports = "firewall-cmd --list-ports; firewall-cmd --permanent --list-ports";
  expect(await site.lb01.must(ports)).toContain("993/tcp");
  expect([...(await site.greeters(4, 587, "QUIT")).keys()].length).toBeGreaterThan(0);
  await site.mustDeploy();
  expect(await site.lb01.must(ports)).not.toContain("993/tcp");
}, 120_000);

test("when haproxy dies, the other node takes the address and later gives it back", async () => {
  await site.lb01.must("systemctl kill --signal=KILL haproxy; systemctl stop haproxy");
  const away = await site.until("lb02 holds the address", 40, async () => (await site.holders()).join() === "lb02");
  expect((await site.curl(`https://${VIP}/owa/`)).status).toBe(200);
  await site.lb01.must("systemctl start haproxy");
  await site.until("lb01 holds it again", 20, async () => (await site.holders()).join() === "lb01");
  expect((await site.curl(`https://${VIP}/owa/`)).status).toBe(200);
  expect(away).toBeLessThan(15);
}, 60_000);

test("when haproxy hangs, the other node takes the address, although systemd does not notice", async () => {
  await site.lb01.must("kill -STOP $(pidof haproxy)");
  expect((await site.lb01.exec("systemctl is-active haproxy")).stdout).toBe("active\n");
  await site.until("lb02 holds the address", 20, async () => (await site.holders()).join() === "lb02");
  await site.lb01.must("kill -CONT $(pidof haproxy)");
  await site.until("lb01 holds it again", 20, async () => (await site.holders()).join() === "lb01");
}, 60_000);

test("when a node dies, the other node takes the address, and both nodes serve after the first node has returned", async () => {
  await site.lb01.powerOff();
  await site.until("lb02 serves the address", 15, async () => (await site.curl(`https://${VIP}/owa/`, "--max-time", "1")).status === 200);
  await site.lb01.start();
  await site.until("lb01 holds it again", 30, async () => (await site.holders()).join() === "lb01");
  expect((await site.curl(`https://${VIP}/owa/`)).status).toBe(200);
}, 90_000);

test("no secret is in a file that Terraform writes, or in a host's file or folder that other users can read", async () => {
  const pem = readFileSync(site.lab.facts.pemPath, "utf8");
  const inKey = pem.slice(pem.indexOf("PRIVATE KEY")).split("\n")[1] ?? "";
  expect(inKey.length).toBeGreaterThan(20);
  const stack = site.deployment.stackDir;
  const output = await site.mustDeploy({ maxconn: 4321 });
  const state = readFileSync(path.join(site.deployment.workDir, "terraform.lab.tfstate"), "utf8");
  for (const text of [output, state, readFileSync(path.join(stack, "cdk.tf.json"), "utf8")]) {
    expect(text).not.toContain(inKey);
    expect(text).not.toContain(VRRP_PASSWORD);
  }
  for (const host of site.lab.balancers) {
    const readable = await host.exec(`grep -rlsF -e '${inKey}' -e ${VRRP_PASSWORD} / --exclude-dir=proc --exclude-dir=sys --exclude-dir=dev 2>/dev/null | xargs -r stat -c '%a %n' | grep -v '00 '`);
    expect(readable.stdout).toBe("");
    // Terraform writes an empty file after its script has ended; that one goes 3 s later.
    const left = "ls -A /root | grep cdktf; ls -A /tmp | grep -i terraform";
    await site.until(`nothing is left in ${host.name}'s home folder`, 6, async () => (await host.exec(left)).stdout === "");
  }
}, 90_000);
