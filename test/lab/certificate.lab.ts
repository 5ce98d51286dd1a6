import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { LabSite } from "../../examples/lab/main";
import { CERTIFICATES } from "./certificates";
import type { Host } from "./hosts";
import { fingerprint, type Issued, Pki } from "./pki";
import type { Outcome } from "./run";
import { Site } from "./site";

// The one certificate: compared before it goes live, watched while it is, and
// renewed under load. openssl makes all certificates; openssl and curl look at them.

let site: Site;
let old: Issued;
let renewed: Issued;
let second: Issued;
let oldRoot: string;
let newRoot: Pki;

const VIP = "198.18.0.15";
const NAMES = ["mail.lab.test", "autodiscover.lab.test", "exch01.lab.test", "exch02.lab.test"];
const CHECK = "/usr/libexec/cdktf-exchange-balancer/certificate-check";
const scratch = mkdtempSync(path.join(tmpdir(), "exlab-certificate-"));

beforeAll(async () => {
  site = await Site.attach();
  old = { certificate: CERTIFICATES.certificate, key: CERTIFICATES.key, pem: CERTIFICATES.pem };
  oldRoot = CERTIFICATES.root;
  newRoot = await Pki.root(scratch, "new-root");
  const issuing = await newRoot.intermediate("new-issuing");
  renewed = await issuing.server("renewed", NAMES);
  second = await newRoot.server("second", ["autodiscover.lab.test"]);
  await heal();
  if ((await site.deploy()).status !== 0) {
    await site.fromBare();
    await site.mustDeploy();
  }
  await site.until("the address is served", 30, async () => (await site.curl(`https://${VIP}/owa/`)).status === 200);
}, 300_000);

afterAll(async () => {
  await heal();
  await site.mustDeploy();
  rmSync(scratch, { recursive: true, force: true });
}, 120_000);

/** Gives both members the old certificate again, and ends all their faults. */
async function heal(): Promise<void> {
  for (const member of site.lab.exchangeServers) {
    if ((await member.read("/etc/exchange/cert.pem")) !== readFileSync(old.certificate, "utf8")) await install(member, old);
    await control(member, {}, "DELETE");
  }
}

async function control(member: Host, wanted: object, method = "PUT"): Promise<void> {
  await member.must(`curl -sf -X ${method} -d '${JSON.stringify(wanted)}' http://127.0.0.1:8025/control`);
}

/** Installs a certificate on a member, as Import-ExchangeCertificate and Enable-ExchangeCertificate do. */
async function install(member: Host, { certificate, key }: Issued): Promise<void> {
  await member.must("cat >/etc/exchange/cert.pem", { input: readFileSync(certificate) });
  await member.must("cat >/etc/exchange/key.pem && systemctl restart exchange-standin", { input: readFileSync(key) });
  await site.until(`${member.name} serves again`, 30, async () => (await member.exec("curl -sf http://127.0.0.1:8025/ready")).status === 0);
}

/** Returns the fingerprint of the certificate that `address` presents, as openssl s_client on the client sees it. */
async function presented(address: string, name = "mail.lab.test"): Promise<string> {
  const { stdout } = await site.lab.client.exec(
    `openssl s_client -connect ${address}:443 -servername ${name} </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256`,
  );
  return stdout.trim().replace(/.*=/, "");
}

function said({ stdout, stderr }: Outcome): string {
  return (stdout + stderr).replace(/null_resource\.\w+ \(remote-exec\): /g, "").replace(/[│╷╵]/g, " ").replace(/\s+/g, " ");
}

/** Runs a deploy that must fail, checks that no file on the balancers was changed, and returns the output. */
async function stopped(change: LabSite): Promise<string> {
  const { trust } = site.lab.system;
  const files = `find /etc/haproxy ${trust.anchors} ${trust.bundle} -type f -exec sha256sum {} + | sort; pidof haproxy`;
  const before = await Promise.all(site.lab.balancers.map((host) => host.must(files)));
  const outcome = await site.deploy(change);
  expect(outcome.status).not.toBe(0);
  expect(await Promise.all(site.lab.balancers.map((host) => host.must(files)))).toEqual(before);
  return said(outcome);
}

test("the balancers present Exchange's certificate, and any user of the host can see with certificate-check whether the members have the same certificate", async () => {
  expect(await presented(VIP)).toBe(await fingerprint(old.certificate));
  expect(await presented("198.18.0.21")).toBe(await presented(VIP));
  const { status, stdout } = await site.lb01.exec(`su -s /bin/sh nobody -c ${CHECK}`);
  expect(stdout).toMatch(/^OK: 2 of 2 members present this certificate\n/);
  expect(stdout).toContain(`exch02 (198.18.0.22, ready) for mail.lab.test: CN=mail.lab.test, SHA-256 ${await fingerprint(old.certificate)}, expires 20`);
  expect(status).toBe(0);
  const metrics = await site.lb01.must(`su -s /bin/sh nobody -c '${CHECK} --metrics'`);
  expect(metrics).toContain('exchange_balancer_certificate_matches{member="exch01",name="mail.lab.test",state="ready"} 1\n');
  expect(metrics).toMatch(/exchange_balancer_certificate_expiry_timestamp_seconds\{presenter="balancer",name="autodiscover.lab.test"\} 1[89]\d{8}\n/);
}, 60_000);

test("the deploy stops if a certificate differs from the members' certificate, and the message says who presents which certificate", async () => {
  const output = await stopped({ pemPath: renewed.pem, caPaths: [oldRoot, newRoot.certificate] });
  expect(output).toContain(`this balancer for mail.lab.test: CN=renewed, SHA-256 ${await fingerprint(renewed.certificate)}, expires`);
  for (const member of ["exch01 (198.18.0.21, ready)", "exch02 (198.18.0.22, ready)"]) {
    expect(output).toContain(`[198.18.0.12] ${member} for mail.lab.test: CN=mail.lab.test, SHA-256 ${await fingerprint(old.certificate)}, expires`);
  }
  expect(output).toContain("[198.18.0.12] exch02 presents another certificate than this balancer for mail.lab.test");
  expect(output).toContain("[198.18.0.12] FAILED: certificate-check stopped this deploy (output above). Nothing was changed. The running services were not touched.");
}, 120_000);

test("a deploy stops if the props no longer contain a CA that the members' certificate still needs", async () => {
  const output = await stopped({ pemVariables: true, caPaths: [newRoot.certificate], ...variables(old) });
  expect(output).toContain("the certificate of exch01 for mail.lab.test does not verify: unable to get local issuer certificate");
}, 120_000);

test("if certificate and private key come from variables and do not match, haproxy -c rejects the files, and nothing changes", async () => {
  const output = await stopped({ pemVariables: true, ...variables({ ...old, key: renewed.key }) });
  expect(output).toMatch(/haproxy -c rejected the new .*haproxy\.cfg/);
}, 120_000);

/**
 * Sets the Terraform variables for certificate and key. The caller adds the setting `pemVariables`, so that the props
 * read the variables.
 */
function variables({ certificate, key }: Issued): LabSite {
  process.env.TF_VAR_certificate = readFileSync(certificate, "utf8");
  process.env.TF_VAR_private_key = readFileSync(key, "utf8");
  return {};
}

test("a member with a wrong certificate stops the deploy, unless the member is drained", async () => {
  const exch02 = site.lab.host("exch02");
  await control(exch02, { https: { certificate: "wrong" } });
  const output = await stopped({ maxconn: 4301 });
  expect(output).toContain("exch02 (198.18.0.22, ready) for mail.lab.test: CN=elsewhere.lab.test, SHA-256 ");
  expect(output).toMatch(/the certificate of exch02 for mail\.lab\.test does not verify: (self.signed certificate|[Hh]ostname mismatch)/);
  expect(output).not.toContain("the certificate of exch01");
  const { status, stdout } = await site.lb01.exec(CHECK);
  expect(stdout).toMatch(/^CRITICAL: exch02 presents another certificate than this balancer for mail\.lab\.test; /);
  expect(status).toBe(2);
  await site.mustDeploy({ maxconn: 4301, states: { exch02: "maintenance" } });
  expect((await site.lb01.exec(CHECK)).stdout).toMatch(/^OK: 1 of 2 members/);
  // And where somebody means it, it is only said.
  const warned = await site.mustDeploy({ maxconn: 4302, membersUpTimeout: 3, onCertificateMismatch: "warn" as LabSite["onCertificateMismatch"] });
  expect(warned).toContain("exch02 presents another certificate than this balancer for mail.lab.test");
  expect(warned).toContain("continuing, because onCertificateMismatch is WARN");
  await control(exch02, {}, "DELETE");
}, 180_000);

test("while Exchange is down, a deploy with a new certificate stops, and a deploy without a new certificate succeeds", async () => {
  for (const member of site.lab.exchangeServers) await control(member, { https: { stopped: true } });
  expect(await stopped({ pemPath: renewed.pem, caPaths: [oldRoot, newRoot.certificate] })).toContain(
    "no member answers, so the new certificate could not be compared with theirs",
  );
  expect(await site.mustDeploy({ maxconn: 4303, membersUpTimeout: 3 })).toContain("certificates: exch01 (198.18.0.21) does not answer on port 443");
  for (const member of site.lab.exchangeServers) await control(member, {}, "DELETE");
  await site.until("the members are up again", 30, async () => (await site.curl(`https://${VIP}/owa/`)).status === 200);
}, 180_000);

/** Renews the members' certificate in the steps that docs/certificates.md describes. */
test("a renewal under load, with a new CA, causes no failed request and no wrong handshake", async () => {
  const [exch01, exch02] = [site.lab.host("exch01"), site.lab.host("exch02")];
  const caPaths = [oldRoot, newRoot.certificate];
  for (const member of [exch01, exch02]) {
    await control(member, { https: { extendedProtection: "require" } });
    await member.must("curl -sf -X DELETE http://127.0.0.1:8025/log");
  }
  await site.mustDeploy({ caPaths });
  const load = startLoad();
  try {
    for (const member of [exch01, exch02]) {
      await site.until(`${member.name} has logins`, 60, async () =>
        (JSON.parse(await member.must("curl -sf http://127.0.0.1:8025/log")) as { requests: { user: string | null }[] }).requests.some(({ user }) => user === "alice"));
    }
    // 1. exch02 is drained, and quiet before its certificate is changed.
    await site.mustDeploy({ caPaths, states: { exch02: "drain" } });
    await quiet(exch02);
    await install(exch02, renewed);
    await control(exch02, { https: { extendedProtection: "require" } });
    // 2. The new certificate, with the member that has it, in one reload of each balancer.
    await site.mustDeploy({ caPaths, pemPath: renewed.pem, states: { exch01: "drain" } });
    await quiet(exch01);
    await install(exch01, renewed);
    await control(exch01, { https: { extendedProtection: "require" } });
    // 3. Both members, and no former CA.
    await site.mustDeploy({ caPaths: [newRoot.certificate], pemPath: renewed.pem });
    await new Promise((resolve) => setTimeout(resolve, 2000));
  } finally {
    await load.stop();
  }
  const [was, is] = [await fingerprint(old.certificate), await fingerprint(renewed.certificate)];
  const { curl, outlook } = await load.seen();
  expect(outlook.failed).toEqual([]);
  expect(curl.failed).toEqual([]);
  expect(outlook.answered).toBeGreaterThan(50);
  expect(curl.answered).toBeGreaterThan(50);
  // Each member answered logins that were tied to the one certificate and to the other.
  expect(Object.keys(outlook.pairs).sort()).toEqual([`exch01 ${was}`, `exch01 ${is}`, `exch02 ${was}`, `exch02 ${is}`].sort());
  expect(Object.keys(curl.certificates).sort()).toEqual([was, is].sort());
  expect(await presented(VIP)).toBe(is);
  console.log(`renewal under load: ${outlook.answered} answers on connections with an NTLM login, ${curl.answered} answers to curl, 0 failed, ${outlook.reconnected} idle connections reopened`);
}, 300_000);

test("a balancer's operating system trusts a CA exactly as long as the CA is in the props", async () => {
  const { anchors, ending, bundle, traces } = site.lab.system.trust;
  for (const host of site.lab.balancers) {
    const trusts = async (ca: string): Promise<boolean> =>
      (await host.exec(`cat >/run/ca.pem; openssl verify -no-CApath -CAfile ${bundle} /run/ca.pem`, { input: readFileSync(ca) })).status === 0;
    expect(await host.must(["ls", anchors])).toBe(`new-root${ending}\n`);
    expect(await trusts(newRoot.certificate)).toBe(true);
    expect(await trusts(oldRoot)).toBe(false);
    // Anywhere among what is made of the CAs: one file, a link or a folder of them.
    const holds = async (ca: string): Promise<boolean> =>
      (await host.exec(["grep", "-rqF", "-e", readFileSync(ca, "utf8").split("\n")[2] ?? "", traces])).status === 0;
    expect([await holds(newRoot.certificate), await holds(oldRoot)]).toEqual([true, false]);
    expect((await host.exec(["find", "-L", traces, "-type", "l"])).stdout).toBe("");
  }
}, 60_000);

test("the balancer presents the same certificate as Exchange for each host name, also if one name has a certificate of its own", async () => {
  // The stand-in has one binding, so a server with two takes its place.
  for (const member of site.lab.exchangeServers) {
    await control(member, { https: { stopped: true } });
    const put = async (file: string, from: string): Promise<void> => {
      await member.must(`install -m 0600 /dev/null ${file} && cat >${file}`, { input: readFileSync(from) });
    };
    await put("/run/first.pem", renewed.pem);
    await put("/run/second.pem", second.pem);
    await put("/run/two-certificates.py", path.join(__dirname, "two-certificates.py"));
    await member.must("systemd-run --unit=two-certificates --collect python3 /run/two-certificates.py /run/first.pem autodiscover.lab.test /run/second.pem");
    await site.until("it listens", 15, async () => (await member.exec("ss -Hltn 'sport = :443'")).stdout !== "");
  }
  try {
    const sniCerts = [{ pemPath: second.pem, caPath: newRoot.certificate, names: ["autodiscover.lab.test"] }];
    await site.mustDeploy({ pemPath: renewed.pem, caPath: newRoot.certificate, sniCerts });
    await site.until("the members are up", 30, async () => (await site.curl(`https://mail.lab.test/owa/`)).status === 200);
    expect(await presented(VIP, "mail.lab.test")).toBe(await fingerprint(renewed.certificate));
    expect(await presented(VIP, "autodiscover.lab.test")).toBe(await fingerprint(second.certificate));
    expect(await presented(VIP, "another.lab.test")).toBe(await fingerprint(renewed.certificate));
    for (const name of ["mail.lab.test", "autodiscover.lab.test"]) {
      expect(JSON.parse((await site.curl(`https://${name}/owa/`)).body)).toEqual({ asked: name });
    }
    expect((await site.lb01.exec(CHECK)).stdout).toMatch(/^OK: 2 of 2 members/);
  } finally {
    for (const member of site.lab.exchangeServers) {
      await member.must("systemctl stop two-certificates");
      await control(member, {}, "DELETE");
    }
  }
}, 180_000);

/** Waits until a member has received no request from a client for two seconds. */
async function quiet(member: Host): Promise<void> {
  let last = -1;
  let since = Date.now();
  await site.until(`nobody asks ${member.name} any more`, 60, async () => {
    const { requests } = JSON.parse(await member.must("curl -sf http://127.0.0.1:8025/log")) as { requests: { health: boolean }[] };
    const count = requests.filter(({ health }) => !health).length;
    if (count !== last) [last, since] = [count, Date.now()];
    return Date.now() - since > 2000;
  });
}

interface Seen {
  readonly outlook: { readonly answered: number; readonly reconnected: number; readonly failed: unknown[]; readonly pairs: { readonly [pair: string]: number } };
  readonly curl: { readonly answered: number; readonly failed: string[]; readonly certificates: { readonly [fingerprint: string]: number } };
}

/**
 * Starts clients that send requests all the time. On the client host, curl opens a new connection for each request, and
 * accepts certificates of the old CA and of the new CA. On exch01, which has an NTLM library, two clients log in with
 * channel binding to the certificate.
 */
function startLoad(): { stop: () => Promise<void>; seen: () => Promise<Seen> } {
  const { client } = site.lab;
  const exch01 = site.lab.host("exch01");
  const ready = (async () => {
    for (const host of [client, exch01]) await host.must("rm -rf /run/load && mkdir /run/load");
    await client.must("cat >/run/load/cas.pem", { input: readFileSync(oldRoot, "utf8") + readFileSync(newRoot.certificate, "utf8") });
    await exch01.must("cat >/run/load/outlook.py", { input: readFileSync(path.join(__dirname, "outlook.py")) });
  })();
  const curls = ready.then(() => client.exec(
    `while [ ! -e /run/load/stop ]; do
       curl --silent --show-error --max-time 15 --cacert /run/load/cas.pem --write-out '%{certs}%{stderr}%{http_code}\\n' -o /dev/null https://mail.lab.test/owa/ >/run/load/certs 2>/run/load/status || echo "curl $?" >>/run/load/failed
       grep -qx 200 /run/load/status || cat /run/load/status >>/run/load/failed
       openssl x509 -in /run/load/certs -noout -fingerprint -sha256 >>/run/load/seen || echo "no certificate" >>/run/load/failed
     done`,
    { timeout: 280 },
  ));
  const outlooks = ready.then(() => Promise.all([1, 2].map(() =>
    exch01.must(`/opt/exchange/venv/bin/python /run/load/outlook.py ${VIP} mail.lab.test /run/load/stop`, { timeout: 280 }))));
  return {
    stop: async () => {
      for (const host of [client, exch01]) await host.must("touch /run/load/stop");
      await curls;
    },
    seen: async () => {
      const all = (await outlooks).map((text) => JSON.parse(text) as Seen["outlook"]);
      const certificates = tally((await client.read("/run/load/seen")).trim().split("\n").map((line) => line.replace(/.*=/, "")));
      return {
        outlook: {
          answered: all.reduce((sum, { answered }) => sum + answered, 0),
          reconnected: all.reduce((sum, { reconnected }) => sum + reconnected, 0),
          failed: all.flatMap(({ failed }) => failed),
          pairs: Object.assign({}, ...all.map(({ pairs }) => pairs)) as { [pair: string]: number },
        },
        curl: {
          answered: Object.values(certificates).reduce((sum, count) => sum + count, 0),
          failed: (await client.exec("cat /run/load/failed")).stdout.split("\n").filter((line) => line !== ""),
          certificates,
        },
      };
    },
  };
}

function tally(values: readonly string[]): { [value: string]: number } {
  const counts: { [value: string]: number } = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
