import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BalancingMode } from "cdktf-exchange-balancer";
import { cert } from "../../lib/command/cert";
import { made, openssl } from "../support/openssl";
import { balancerStack, newStack, synth, variable } from "../support/site";

// What the command writes is judged by openssl. An RSA key can take its time on a busy machine.
jest.setTimeout(60_000);

const before = process.cwd();
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cert-"));
  process.chdir(folder);
});

afterEach(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true, force: true });
});

async function run(...args: string[]): Promise<{ status: number; said: string }> {
  const lines: string[] = [];
  const status = await cert(args, (line) => lines.push(line));
  return { status, said: lines.join("\n") };
}

const mode = (file: string): string => (statSync(file).mode & 0o777).toString(8);
const NAMES = ["--name", "mail.mydomain.local", "--name", "autodiscover.mydomain.local"];

test("with --stack, the command `cert request` writes a certificate request with the stack's client names, and a key file that only its owner can read", async () => {
  const { stack } = balancerStack();
  mkdirSync("cdktf.out/stacks/mail", { recursive: true });
  writeFileSync("cdktf.out/stacks/mail/cdk.tf.json", synth(stack));
  const { status, said } = await run("request", "--stack", "mail", "--subject", "O=Example, C=DE");
  expect(status).toBe(0);
  expect(said).toContain("for mail.mydomain.local, autodiscover.mydomain.local");
  expect(mode("exch.key")).toBe("600");
  const text = openssl("req", "-in", "exch.csr", "-noout", "-text", "-verify");
  expect(text).toContain("Subject: O = Example, C = DE, CN = mail.mydomain.local");
  expect(text).toContain("DNS:mail.mydomain.local, DNS:autodiscover.mydomain.local");
  expect(text).toContain("TLS Web Server Authentication");
  expect(text).toContain("Public-Key: (2048 bit)");
  expect(openssl("req", "-in", "exch.csr", "-noout", "-pubkey")).toBe(openssl("pkey", "-in", "exch.key", "-pubout"));
});

test.each(["rsa-3072", "ec-p256", "ec-p384"])("with %s keys, the command `cert` makes a CA, a request and a certificate, and openssl verifies the certificate", async (key) => {
  await run("ca", "--common-name", "Small site", "--key", key);
  await run("request", ...NAMES, "--key", key);
  const { said } = await run("issue", "--csr", "exch.csr", "--ca", "ca.ca", "--ca-key", "ca.key", "--days", "90");
  expect(said).toMatch(/^exch\.crt: for mail\.mydomain\.local, autodiscover\.mydomain\.local, until 20/);
  expect(openssl("verify", "-x509_strict", "-CAfile", "ca.ca", "-purpose", "sslserver", "-verify_hostname", "autodiscover.mydomain.local", "exch.crt")).toBe("exch.crt: OK\n");
  expect(mode("ca.key")).toBe("600");
});

test("the command `cert bundle` writes the certificates and the key in the order that HAProxy needs, and the PFX contains the same certificates and key", async () => {
  const root = made({ cn: "Root", ca: true });
  const issuing = made({ cn: "Issuing", ca: true, issuer: root });
  const leaf = made({ names: ["mail.mydomain.local"], issuer: issuing });
  writeFileSync("chain.crt", root.certificate + issuing.certificate);
  writeFileSync("leaf.crt", leaf.certificate);
  writeFileSync("leaf.key", leaf.key, { mode: 0o600 });
  writeFileSync("root.ca", root.certificate);
  writeFileSync("password", "it's $ecret\n", { mode: 0o600 });
  const { status, said } = await run(
    "bundle", "--cert", "leaf.crt", "--chain", "chain.crt", "--key", "leaf.key", "--root", "root.ca", "--pem", "exch.pem", "--pfx", "exch.pfx", "--password-file", "password",
  );
  expect(status).toBe(0);
  expect(readFileSync("exch.pem", "utf8")).toBe(leaf.certificate + issuing.certificate + leaf.key);
  expect([mode("exch.pem"), mode("exch.pfx")]).toEqual(["600", "600"]);
  const thumbprint = openssl("x509", "-in", "leaf.crt", "-noout", "-fingerprint", "-sha1").replace(/.*=|:|\s/g, "");
  expect(said).toContain(`Enable-ExchangeCertificate -Server EXCH01 -Thumbprint ${thumbprint} -Services IIS,SMTP,IMAP,POP`);
  const inside = openssl("pkcs12", "-in", "exch.pfx", "-passin", "file:password", "-nodes");
  expect(inside).toContain(leaf.key.trim().split("\n")[1]);
  expect(inside.match(/subject=.*/g)).toEqual(["subject=CN = mail.mydomain.local", "subject=CN = Issuing"]);
  // And back again.
  await run("from-pfx", "exch.pfx", "--password-file", "password", "--out", "again.pem");
  expect(readFileSync("again.pem", "utf8")).toBe(readFileSync("exch.pem", "utf8"));
  expect(mode("again.pem")).toBe("600");
});

test("the command `cert` writes no file if one of its output files already exists", async () => {
  writeFileSync("exch.csr", "mine");
  await expect(run("request", ...NAMES)).rejects.toThrow("exch.csr already exists, and is not overwritten. Move this file away, or choose another name");
  expect(readFileSync("exch.csr", "utf8")).toBe("mine");
  expect(() => statSync("exch.key")).toThrow();
});

test("the command `cert bundle` refuses an expired certificate and a key that does not belong to the certificate", async () => {
  const pair = made({ from: -9, until: -1 });
  writeFileSync("a.crt", pair.certificate);
  writeFileSync("a.key", pair.key);
  await expect(run("bundle", "--cert", "a.crt", "--key", "a.key", "--pem", "a.pem")).rejects.toThrow(/^the certificate must not be expired, got CN=mail.mydomain.local, which expired on/);
  writeFileSync("b.key", made().key);
  await expect(run("bundle", "--cert", "a.crt", "--key", "b.key", "--pem", "a.pem")).rejects.toThrow("the private key must belong to one of the certificates, got CN=mail.mydomain.local");
  expect(() => statSync("a.pem")).toThrow();
});

test("the command `cert check` exits with 0 if all is well, 1 if there is a warning, and 2 if there is an error", async () => {
  const root = made({ cn: "Root", ca: true });
  writeFileSync("root.ca", root.certificate);
  const write = (file: string, until: number): void => {
    const pair = made({ issuer: root, until });
    writeFileSync(file, pair.certificate + pair.key);
  };
  write("good.pem", 90);
  write("soon.pem", 10);
  expect(await run("check", "good.pem", "--root", "root.ca", "--name", "mail.mydomain.local")).toMatchObject({ status: 0 });
  expect(await run("check", "soon.pem", "--root", "root.ca")).toMatchObject({ status: 1, said: expect.stringContaining("warning: the certificate expires soon") as unknown });
  expect(await run("check", "soon.pem", "--root", "root.ca", "--warn-days", "5")).toMatchObject({ status: 0 });
  expect(await run("check", "good.pem", "--name", "owa.mydomain.local")).toMatchObject({ status: 2, said: expect.stringContaining("It lacks owa.mydomain.local") as unknown });
});

test.each<[string[], RegExp]>([
  [["request"], /request needs the names that clients use: set --stack NAME, or --name for each name/],
  [["request", "--name", "a b"], /--name must be a DNS name, such as .*, got "a b"/],
  [["request", "--name", "a.b", "--key", "dsa"], /--key must be one of rsa-2048, .*, got "dsa"/],
  [["request", "--stack", "none"], /--stack must name a synthesized stack, got "none"/],
  [["issue", "--csr", "x"], /ENOENT|--ca is missing/],
  [["ca"], /--common-name is missing/],
  [["ca", "--common-name", "x", "--days", "0"], /--days must be a number of days, got "0"/],
  [["bundle", "--cert", "x"], /--key is missing/],
  [["from-pfx"], /from-pfx needs the PFX file/],
  [["request", "--nonsense"], /Unknown option '--nonsense'/],
  [["request", "--root", "x"], /^request has no option --root[.] It has --stack, --name, --subject, --key, --out$/],
  [["from-pfx", "x.pfx", "--days", "3"], /^from-pfx has no option --days[.] It has --out, /],
  [["check", "x.pem", "--out", "y"], /^check has no option --out[.] It has --root, /],
])("the command `cert` refuses the arguments %j with a message", async (args, message) => {
  await expect(run(...args)).rejects.toThrow(message);
});

test("the command `cert request` prints the path of the key, and the next command to run, which already contains the file names", async () => {
  expect(await run("request", "--name", "mail.mydomain.local", "--out", "site")).toEqual({
    status: 0,
    said: [
      "site.key: the private key. It never leaves your machines.",
      "site.csr: the request, for mail.mydomain.local. Give this file to your CA (web server template). When you have the certificate, run:",
      "  npx cdktf-exchange-balancer cert bundle --cert CERTIFICATE --chain INTERMEDIATE --key site.key --root ROOT --pem site.pem --pfx site.pfx",
    ].join("\n"),
  });
  expect(mode("site.csr")).toBe("644");
});

test("a certificate request contains each name only once, and its CN is the first of these names that has at most 64 characters", async () => {
  const long = `${"a".repeat(60)}.mydomain.local`;
  await run("request", "--name", long, "--name", "*.mydomain.local", "--name", "10.12.8.15", "--name", long);
  const text = openssl("req", "-in", "exch.csr", "-noout", "-text");
  expect(text).toContain("Subject: CN = *.mydomain.local\n");
  expect(text).toContain(`DNS:${long}, DNS:*.mydomain.local, IP Address:10.12.8.15\n`);
  expect(text).toContain("X509v3 Key Usage: critical\n                    Digital Signature, Key Encipherment\n");
});

test("a certificate request has no CN if every name has more than 64 characters", async () => {
  await run("request", "--name", `${"a".repeat(60)}.mydomain.local`);
  expect(openssl("req", "-in", "exch.csr", "-noout", "-subject")).toBe("subject=\n");
});

test.each([
  ["rsa-3072", "Public-Key: (3072 bit)", "sha256WithRSAEncryption"],
  ["ec-p256", "ASN1 OID: prime256v1", "ecdsa-with-SHA256"],
  ["ec-p384", "ASN1 OID: secp384r1", "ecdsa-with-SHA256"],
])("the command `cert request` makes a key of the type %s", async (kind, key, signature) => {
  await run("request", ...NAMES, "--key", kind);
  const text = openssl("req", "-in", "exch.csr", "-noout", "-text", "-verify");
  expect(text).toContain(key);
  expect(text).toContain(signature);
});

const DAY = 86_400_000;
const until = (file: string): number => Math.round((Date.parse(openssl("x509", "-in", file, "-noout", "-enddate").replace("notAfter=", "")) - Date.now()) / DAY);

test("a CA certificate allows only the signing of certificates and CRLs, and is valid for 3650 days unless --days is set", async () => {
  const { status, said } = await run("ca", "--common-name", "Small site");
  expect(status).toBe(0);
  expect(said).toBe([
    "ca.key: the CA's private key. With this key, anybody can impersonate every server for clients that trust the CA. Keep the key offline.",
    "ca.ca: the CA's certificate, for rootCas, for the Exchange servers and for all clients (by group policy)",
  ].join("\n"));
  const text = openssl("x509", "-in", "ca.ca", "-noout", "-text");
  expect(text).toContain("Basic Constraints: critical\n                CA:TRUE\n");
  expect(text).toContain("Key Usage: critical\n                Certificate Sign, CRL Sign\n");
  expect(text).toMatch(/Subject Key Identifier: *\n {16}[0-9A-F:]{59}\n/);
  expect(openssl("x509", "-in", "ca.ca", "-noout", "-subject", "-issuer")).toBe("subject=CN = Small site\nissuer=CN = Small site\n");
  expect(until("ca.ca")).toBe(3650);
  await run("ca", "--common-name", "Short", "--days", "2", "--out", "short");
  expect(until("short.ca")).toBe(2);
});

test("an issued certificate is for a TLS server, has only the request's names, and is valid for 397 days unless --days is set", async () => {
  await run("ca", "--common-name", "Small site");
  await run("request", ...NAMES);
  const { status, said } = await run("issue", "--csr", "exch.csr", "--ca", "ca.ca", "--ca-key", "ca.key");
  expect(status).toBe(0);
  expect(said).toBe(`exch.crt: for mail.mydomain.local, autodiscover.mydomain.local, until ${new Date(Date.now() + 397 * DAY).toISOString().slice(0, 10)}`);
  const text = openssl("x509", "-in", "exch.crt", "-noout", "-text");
  expect(text).toContain("Basic Constraints: critical\n                CA:FALSE\n");
  expect(text).toContain("Key Usage: critical\n                Digital Signature, Key Encipherment\n");
  expect(text).toContain("Extended Key Usage: \n                TLS Web Server Authentication\n");
  expect(text).toContain("DNS:mail.mydomain.local, DNS:autodiscover.mydomain.local\n");
  const identifier = (file: string, of: string): string | undefined => new RegExp(`${of} Key Identifier: *\n {16}(\\S+)`).exec(openssl("x509", "-in", file, "-noout", "-text"))?.[1];
  expect(identifier("exch.crt", "Authority")).toBe(identifier("ca.ca", "Subject"));
  // Positive, and 16 bytes of it: RFC 5280 forbids more than 20.
  expect(openssl("x509", "-in", "exch.crt", "-noout", "-serial")).toMatch(/^serial=[4-7][0-9A-F]{31}\n$/);
  // Clocks that are an hour behind take it already.
  const from = Date.parse(openssl("x509", "-in", "exch.crt", "-noout", "-startdate").replace("notBefore=", ""));
  expect(Math.abs(Date.now() - 3_600_000 - from)).toBeLessThan(60_000);
  await run("issue", "--csr", "exch.csr", "--ca", "ca.ca", "--ca-key", "ca.key", "--days", "30", "--out", "short.crt");
  expect(until("short.crt")).toBe(30);
  expect(openssl("x509", "-in", "short.crt", "-noout", "-serial")).not.toBe(openssl("x509", "-in", "exch.crt", "-noout", "-serial"));
});

test("the command `cert issue` refuses a request that was changed or has no names", async () => {
  await run("ca", "--common-name", "Small site");
  await run("request", ...NAMES, "--key", "ec-p256");
  const changed = Buffer.from(openssl("req", "-in", "exch.csr", "-outform", "DER", "-out", "exch.der") + readFileSync("exch.der", "latin1"), "latin1");
  changed.write("maiI", changed.indexOf("mail", 60));
  writeFileSync("changed.csr", `-----BEGIN CERTIFICATE REQUEST-----\n${changed.toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`);
  await expect(run("issue", "--csr", "changed.csr", "--ca", "ca.ca", "--ca-key", "ca.key")).rejects.toThrow("the request must be signed by its own key, got a request that was changed or cut off");
  openssl("req", "-new", "-key", "exch.key", "-subj", "/CN=mail.mydomain.local", "-out", "bare.csr");
  await expect(run("issue", "--csr", "bare.csr", "--ca", "ca.ca", "--ca-key", "ca.key")).rejects.toThrow("the request must have subject alternative names, got none");
  expect(() => statSync("exch.crt")).toThrow();
});

describe("the command `cert bundle`", () => {
  const root = made({ cn: "Root", ca: true });
  const leaf = made({ names: ["mail.mydomain.local"], issuer: root });

  beforeEach(() => {
    writeFileSync("leaf.crt", leaf.certificate);
    writeFileSync("leaf.key", leaf.key);
    writeFileSync("root.ca", root.certificate);
    writeFileSync("password", "x\n");
  });

  const bundle = (...args: string[]): Promise<{ status: number; said: string }> => run("bundle", "--cert", "leaf.crt", "--key", "leaf.key", ...args);

  test("the command `cert bundle` writes only the PEM if only --pem is given", async () => {
    const { status, said } = await bundle("--pem", "exch.pem");
    expect(status).toBe(0);
    expect(said).toContain("exch.pem: CN=mail.mydomain.local, then the key. Set path of SslBridgeCert.fromPemFile to this file");
    expect(said).not.toContain("Import-ExchangeCertificate");
    // Without a root nobody knows whether clients trust it, so nothing is said of that.
    expect(said).not.toContain("warning");
    expect(readFileSync("exch.pem", "utf8")).toBe(leaf.certificate + leaf.key);
  });

  test("with only --pfx, the command `cert bundle` writes only the PFX, and prints the Exchange commands for each member of the stack", async () => {
    mkdirSync("cdktf.out/stacks/mail", { recursive: true });
    writeFileSync("cdktf.out/stacks/mail/cdk.tf.json", synth(balancerStack({ dag: { clientNames: ["mail.mydomain.local"] } }).stack));
    const { said } = await bundle("--pfx", "exch.pfx", "--password-file", "password", "--stack", "mail", "--root", "root.ca");
    expect(said).not.toContain("SslBridgeCert.fromPemFile");
    for (const server of ["exch01", "exch02"]) {
      expect(said).toContain(`Import-ExchangeCertificate -Server ${server} -FileData ([System.IO.File]::ReadAllBytes('C:\\path\\to\\exch.pfx')) -Password (Read-Host 'Password' -AsSecureString)`);
      expect(said).toContain(`Get-ExchangeCertificate -Server ${server} -Thumbprint`);
    }
    expect(said).not.toContain("EXCH01");
    expect(openssl("pkcs12", "-in", "exch.pfx", "-passin", "pass:x", "-nodes", "-info")).toContain("friendlyName: Exchange 20");
    expect(() => statSync("exch.pem")).toThrow();
  });

  test("with --old-windows, the command `cert bundle` writes a PFX with SHA-1 and 3DES, and the command `cert from-pfx` can read this PFX", async () => {
    await bundle("--pfx", "old.pfx", "--password-file", "password", "--old-windows");
    await bundle("--pfx", "new.pfx", "--password-file", "password");
    // openssl prints what a PFX is packed with to its error output.
    const packed = (file: string): string => spawnSync("openssl", ["pkcs12", "-in", file, "-passin", "pass:x", "-noout", "-info", "-legacy"], { encoding: "utf8" }).stderr;
    expect(packed("old.pfx")).toContain("MAC: sha1");
    expect(packed("old.pfx")).toContain("pbeWithSHA1And3-KeyTripleDES-CBC");
    expect(packed("new.pfx")).toContain("MAC: sha256");
    expect(packed("new.pfx")).not.toContain("TripleDES");
    expect(await run("from-pfx", "old.pfx", "--password-file", "password")).toMatchObject({ status: 0, said: expect.stringContaining("exch.pem: CN=mail.mydomain.local, then the key") as unknown });
    expect(readFileSync("exch.pem", "utf8")).toBe(leaf.certificate + leaf.key);
  });

  test.each([["--pem", "there"], ["--pfx", "there"]])("the command `cert bundle` writes no file if the output file of %s already exists", async (option, path) => {
    writeFileSync(path, "mine");
    const other = option === "--pem" ? ["--pfx", "new.pfx"] : ["--pem", "new.pem"];
    await expect(bundle(option, path, ...other, "--password-file", "password")).rejects.toThrow(`${path} already exists`);
    expect(readFileSync(path, "utf8")).toBe("mine");
    expect(readdirSync(".").filter((file) => file.startsWith("new"))).toEqual([]);
  });

  test("the command `cert bundle` fails if neither --pem nor --pfx is given", async () => {
    await expect(bundle()).rejects.toThrow("bundle needs --pem FILE, --pfx FILE or both: the files to write");
  });

  test("the command `cert bundle` refuses a key file that is encrypted or unreadable, or that has no key or two keys", async () => {
    writeFileSync("two.key", leaf.key + leaf.key);
    await expect(run("bundle", "--cert", "leaf.crt", "--key", "two.key", "--pem", "a.pem")).rejects.toThrow("--key must name a file with one private key, got 2");
    await expect(run("bundle", "--cert", "leaf.crt", "--key", "leaf.crt", "--pem", "a.pem")).rejects.toThrow("--key must name a file with one private key, got 0");
    openssl("pkey", "-in", "leaf.key", "-aes256", "-passout", "pass:x", "-out", "locked.key");
    await expect(run("bundle", "--cert", "leaf.crt", "--key", "locked.key", "--pem", "a.pem")).rejects.toThrow("without a passphrase, got a key that is encrypted (openssl pkey removes a passphrase)");
    writeFileSync("cut.key", leaf.key.replace(/\n[^\n]{20}/, "\n"));
    await expect(run("bundle", "--cert", "leaf.crt", "--key", "cut.key", "--pem", "a.pem")).rejects.toThrow("got a key that is unreadable");
    expect(() => statSync("a.pem")).toThrow();
  });

  test("the command `cert bundle` refuses a certificate that does not contain a name given with --name", async () => {
    await expect(bundle("--pem", "a.pem", "--name", "owa.mydomain.local", "--root", "root.ca")).rejects.toThrow(/^the certificate must be for owa.mydomain.local, got a certificate for mail.mydomain.local\. It lacks owa.mydomain.local/);
  });

  test("the command `cert bundle` refuses a certificate whose chain does not end at the given root", async () => {
    writeFileSync("other.ca", made({ cn: "Other", ca: true }).certificate);
    await expect(bundle("--pem", "a.pem", "--root", "other.ca")).rejects.toThrow(/^the certificate must have a chain that ends at a root of rootCas/);
  });
});

test("the command `cert from-pfx` overwrites no file, and refuses a wrong password and a PFX without a key", async () => {
  const pair = made();
  writeFileSync("leaf.crt", pair.certificate);
  writeFileSync("leaf.key", pair.key);
  writeFileSync("password", "x\n");
  writeFileSync("wrong", "y\n");
  openssl("pkcs12", "-export", "-in", "leaf.crt", "-inkey", "leaf.key", "-out", "site.pfx", "-passout", "pass:x");
  openssl("pkcs12", "-export", "-in", "leaf.crt", "-nokeys", "-out", "bare.pfx", "-passout", "pass:x");
  await expect(run("from-pfx", "site.pfx", "--password-file", "wrong")).rejects.toThrow(/^openssl pkcs12 failed: Mac verify error: invalid password\?$/);
  await expect(run("from-pfx", "bare.pfx", "--password-file", "password")).rejects.toThrow('the PFX must contain a private key, got none in "bare.pfx": export the certificate with its key');
  writeFileSync("exch.pem", "mine");
  await expect(run("from-pfx", "site.pfx", "--password-file", "password")).rejects.toThrow("exch.pem already exists");
  expect(readFileSync("exch.pem", "utf8")).toBe("mine");
});

test("the command `cert check` prints the certificate's names, key type, expiry date and fingerprint", async () => {
  const pair = made({ names: ["mail.mydomain.local", "10.12.8.15"] });
  writeFileSync("site.pem", pair.certificate + pair.key);
  const fingerprint = openssl("x509", "-in", "site.pem", "-noout", "-fingerprint", "-sha256").replace(/.*=|\s/g, "");
  const { status, said } = await run("check", "site.pem");
  expect(status).toBe(0);
  expect(said).toBe(`CN=mail.mydomain.local for mail.mydomain.local, 10.12.8.15; EC prime256v1; until ${new Date(Date.now() + 90 * DAY).toISOString().slice(0, 10)}; SHA-256 ${fingerprint}`);
  writeFileSync("none.pem", "nothing");
  expect(await run("check", "none.pem")).toEqual({ status: 2, said: "error: the certificate must hold a certificate, got none" });
});

test("the command `cert request` refuses --stack if the stack has no SSL bridging, or if the stack's client names are not known at synthesis", async () => {
  mkdirSync("cdktf.out/stacks/tcp", { recursive: true });
  mkdirSync("cdktf.out/stacks/tokens", { recursive: true });
  writeFileSync("cdktf.out/stacks/tcp/cdk.tf.json", synth(balancerStack({ balancer: { mode: BalancingMode.tcp() } }).stack));
  await expect(run("request", "--stack", "tcp")).rejects.toThrow('--stack must name a stack with SSL bridging, got "tcp", whose balancers have no certificate');
  const stack = newStack();
  const site = balancerStack({ dag: { clientNames: [variable(stack, "name")] } });
  writeFileSync("cdktf.out/stacks/tokens/cdk.tf.json", synth(site.stack));
  await expect(run("request", "--stack", "tokens")).rejects.toThrow("--stack must name a stack whose client names are known at synthesis, but the client name ${var.name} is not. Set each name with --name instead");
  expect(readdirSync(".")).toEqual(["cdktf.out"]);
});

test.each<[string[], RegExp]>([
  [["bundle"], /--cert is missing/],
  [["issue"], /--csr is missing/],
  [["issue", "--csr", "x", "--ca", "y", "--days", "100000"], /ENOENT|--days must be/],
  [["check"], /^check needs the PEM file$/],
  [["check", "no.pem"], /ENOENT.*no\.pem/],
  [["check", "x.pem", "--warn-days", "soon"], /ENOENT|--warn-days must be a number of days, got "soon"/],
  [["ca", "--common-name", "x", "--days", "1.5"], /--days must be a number of days, got "1.5"/],
  [["ca", "--common-name", "x", "--days", "100000"], /--days must be a number of days, got "100000"/],
  [["request", "--name", "a..b"], /--name must be a DNS name, such as mail\.mydomain\.local or \*\.mydomain\.local, got "a\.\.b"/],
  [["request", "--name", "a.*.b"], /--name must be a DNS name/],
  [["request", "--name", `${"a".repeat(64)}.b`], /--name must be a DNS name/],
  [["request", "--name", "mail.b:443"], /--name must be a DNS name/],
])("the command `cert` refuses the arguments %j and writes nothing", async (args, message) => {
  await expect(run(...args)).rejects.toThrow(message);
  expect(readdirSync(".")).toEqual([]);
});

test("`cert` without arguments, `cert help` and `cert --help` print the usage, which lists every command and option", async () => {
  for (const args of [[], ["help"], ["--help"]]) {
    const { status, said } = await run(...args);
    expect(status).toBe(0);
    for (const word of ["request", "bundle", "from-pfx", "check", "ca", "issue"]) expect(said).toMatch(new RegExp(`^  ${word} `, "m"));
    for (const option of ["stack", "name", "subject", "key", "out", "cert", "chain", "root", "pem", "pfx", "password-file", "old-windows", "warn-days", "days", "common-name", "csr", "ca", "ca-key"]) expect(said).toContain(`--${option} `);
    expect(said).toContain("rsa-2048, rsa-3072, rsa-4096, ec-p256, ec-p384; default rsa-2048");
  }
});

test("if the word after `cert` is unknown, the command prints the usage", async () => {
  expect(await run("foo")).toMatchObject({ status: 2, said: expect.stringContaining("request  [--stack NAME") as unknown });
  expect(await run("help")).toMatchObject({ status: 0 });
});
