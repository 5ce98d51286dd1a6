import { ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { certificateCheckScript } from "../../lib/host/scripts";

// certificate-check.sh on certificates in files, with no member to ask. What it makes of members is in test/lab/.

const folder = mkdtempSync(path.join(tmpdir(), "certificate-check-"));
const at = (name: string): string => path.join(folder, name);
const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function certificate(name: string, days: number, key = "key"): string {
  const file = at(`${name}.pem`);
  const made = spawnSync("openssl", [
    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", String(days),
    "-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`, "-keyout", at(key), "-out", file,
  ]);
  expect(made.status).toBe(0);
  return file;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function run(conf: string, ...args: string[]): { readonly status: number | null; readonly stdout: string } {
  writeFileSync(at("certificate-check.conf"), conf);
  const script = certificateCheckScript()
    .replace("conf=/etc/haproxy/certificate-check.conf", `conf=${at("certificate-check.conf")}`)
    // No balancer answers here: nobody listens on port 1.
    .replace('fetch 127.0.0.1 "$1" "$file" 443', 'fetch 127.0.0.1 "$1" "$file" 1');
  const { status, stdout, stderr } = spawnSync("sh", ["-c", script, "certificate-check", ...args], { encoding: "utf8" });
  expect(stderr).toBe("");
  return { status, stdout };
}

/**
 * Runs certificate-check with this configuration, in the same way as a deploy that changes no certificate. Returns the
 * output.
 */
function told(conf: string): string {
  const { status, stdout } = run(conf, "--before-live", "/dev/null");
  expect(status).toBe(0);
  return stdout;
}

jest.setTimeout(30_000);

(hasOpenssl ? describe : describe.skip)("the warning days of each certificate", () => {
  test("certificate-check warns about each certificate only within this certificate's own warning days", () => {
    const [mail, autodiscover] = [certificate("mail.lab.test", 40), certificate("autodiscover.lab.test", 40)];
    const conf = (one: number, other: number): string => `mismatch stop\ntrust /dev/null\npresent mail.lab.test ${mail} ${one}\npresent autodiscover.lab.test ${autodiscover} ${other}\n`;
    expect(told(conf(30, 60))).toMatch(/^certificates: the certificate for autodiscover\.lab\.test expires on \d{4}-\d\d-\d\d\n$/);
    expect(told(conf(60, 30))).toMatch(/^certificates: the certificate for mail\.lab\.test expires on \d{4}-\d\d-\d\d\n$/);
    expect(told(conf(30, 30))).toBe("");
  });
});

(hasOpenssl ? describe : describe.skip)("the certificates of other hosts behind the address", () => {
  // Two runs of the tests on one machine must not meet at one port.
  let port = 0;
  let server: ChildProcess;
  beforeAll(async () => {
    port = await freePort();
    const file = certificate("portal.lab.test", 20, "portal.key");
    server = spawn("openssl", ["s_server", "-quiet", "-accept", `127.0.0.1:${port}`, "-cert", file, "-key", at("portal.key")], { stdio: ["pipe", "ignore", "ignore"] });
    for (let tries = 0; tries < 100; tries++) {
      const open = await new Promise<boolean>((resolve) => {
        const socket = connect(port, "127.0.0.1", () => { socket.destroy(); resolve(true); });
        socket.on("error", () => resolve(false));
      });
      if (open) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
  afterAll(() => { server.kill(); });

  const conf = (days: number, line: string): string => `mismatch stop\nwarn-days ${days}\ntrust ${at("portal.lab.test.pem")}\n${line.replace("PORT", String(port))}\n`;
  const judged: readonly (readonly [string, number, string, number, RegExp])[] = [
    ["a server with a valid certificate", 10, "server portal 127.0.0.1 PORT portal.lab.test", 0, /^OK: /],
    ["a server whose certificate expires soon", 30, "server portal 127.0.0.1 PORT portal.lab.test", 1, /^WARNING: the certificate of portal \(127\.0\.0\.1\) for portal\.lab\.test expires on \d{4}-\d\d-\d\d\n/],
    ["a server with a certificate for another name", 10, "server portal 127.0.0.1 PORT intranet.lab.test", 2, /^CRITICAL: the certificate of portal \(127\.0\.0\.1\) for intranet\.lab\.test does not verify: [Hh]ostname mismatch\n/],
    ["a server that does not answer", 10, "server portal 127.0.0.1 1 portal.lab.test", 1, /^WARNING: portal \(127\.0\.0\.1\) does not answer on port 1, /],
  ];
  test.each(judged)("certificate-check reports %s", (_, days, line, status, said) => {
    const seen = run(conf(days, line));
    expect(seen.stdout).toMatch(said);
    expect(seen.status).toBe(status);
  });

  test("if haproxy does not answer, certificate-check reports this and still checks the members, and writes no metric that compares certificates", () => {
    const balancer = `port ${port}\nask portal.lab.test\npresent portal.lab.test ${at("portal.lab.test.pem")} 10\nmember exch01 127.0.0.1 ready`;
    const { status, stdout } = run(conf(10, balancer));
    expect(stdout.split("\n")[0]).toBe("CRITICAL: haproxy does not answer on port 443 of this balancer (see systemctl status haproxy), so its certificate for portal.lab.test could not be compared");
    expect(status).toBe(2);
    expect(stdout).toContain("exch01 (127.0.0.1, ready) for portal.lab.test: ");
    expect(run(conf(10, balancer), "--metrics").stdout).not.toContain("certificate_matches");
  });

  test("if the CA bundle cannot be read, certificate-check reports that a server's certificate does not verify", () => {
    const { status, stdout } = run(conf(10, "server portal 127.0.0.1 PORT portal.lab.test").replace(/trust .*/, "trust /nowhere.pem"));
    expect(stdout).toMatch(/^CRITICAL: the certificate of portal \(127\.0\.0\.1\) for portal\.lab\.test does not verify: .*nowhere\.pem/);
    expect(status).toBe(2);
  });

  test("for a server behind an OtherHost, certificate-check writes metrics for expiry and verification, and no metric that compares certificates", () => {
    const { stdout } = run(conf(10, "server portal 127.0.0.1 PORT portal.lab.test"), "--metrics");
    expect(stdout).toMatch(/^exchange_balancer_certificate_expiry_timestamp_seconds\{presenter="portal 127\.0\.0\.1",name="portal\.lab\.test"\} \d{10}$/m);
    expect(stdout).toContain('exchange_balancer_certificate_verifies{member="portal 127.0.0.1",name="portal.lab.test",state="ready"} 1\n');
    expect(stdout).not.toContain("certificate_matches");
  });

  test("a deploy does not connect to the servers behind an OtherHost, and an OtherHost's invalid certificate stops only a deploy that delivers this certificate", () => {
    const file = certificate("wrong.lab.test", 20);
    const present = `present intranet.lab.test ${file} 10 other`;
    expect(told(conf(10, `${present}\nserver portal 127.0.0.1 1 portal.lab.test`))).toBe("certificates: the certificate that clients get for intranet.lab.test is not valid for this name\n");
    writeFileSync(at("news"), `haproxy ${file}\n`);
    const { status, stdout } = run(conf(10, present), "--before-live", at("news"));
    expect(status).toBe(1);
    expect(stdout).toContain("the certificate that clients get for intranet.lab.test is not valid for this name");
    // Exchange's own stops every deploy.
    expect(run(conf(10, present.replace(" other", "")), "--before-live", "/dev/null").status).toBe(1);
  });
});
