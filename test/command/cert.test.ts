import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cert } from "../../lib/command/cert";
import { made, openssl } from "../support/openssl";
import { balancerStack, synth } from "../support/site";

// What the command writes is judged by openssl.

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

test("a request has the names of the stack, and its key is for its owner alone", async () => {
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

test.each(["rsa-3072", "ec-p256", "ec-p384"])("a %s key makes a request and a CA that openssl verifies", async (key) => {
  await run("ca", "--common-name", "Small site", "--key", key);
  await run("request", ...NAMES, "--key", key);
  const { said } = await run("issue", "--csr", "exch.csr", "--ca", "ca.ca", "--ca-key", "ca.key", "--days", "90");
  expect(said).toMatch(/^exch\.crt: for mail\.mydomain\.local, autodiscover\.mydomain\.local, until 20/);
  expect(openssl("verify", "-x509_strict", "-CAfile", "ca.ca", "-purpose", "sslserver", "-verify_hostname", "autodiscover.mydomain.local", "exch.crt")).toBe("exch.crt: OK\n");
  expect(mode("ca.key")).toBe("600");
});

test("a bundle is in HAProxy's order, whatever order the parts have, and the PFX holds the same", async () => {
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

test("what is there is never overwritten, and then nothing else is written", async () => {
  writeFileSync("exch.csr", "mine");
  await expect(run("request", ...NAMES)).rejects.toThrow("exch.csr is there already, and is not overwritten: move it away, or give another name");
  expect(readFileSync("exch.csr", "utf8")).toBe("mine");
  expect(() => statSync("exch.key")).toThrow();
});

test("a bundle that HAProxy or a client would refuse is not written", async () => {
  const pair = made({ from: -9, until: -1 });
  writeFileSync("a.crt", pair.certificate);
  writeFileSync("a.key", pair.key);
  await expect(run("bundle", "--cert", "a.crt", "--key", "a.key", "--pem", "a.pem")).rejects.toThrow(/^the certificate must be valid, got CN=mail.mydomain.local, which expired on/);
  writeFileSync("b.key", made().key);
  await expect(run("bundle", "--cert", "a.crt", "--key", "b.key", "--pem", "a.pem")).rejects.toThrow("the private key must belong to one of the certificates, got CN=mail.mydomain.local");
  expect(() => statSync("a.pem")).toThrow();
});

test("a check says what a synthesis would, with a status for scripts", async () => {
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
  expect(await run("check", "good.pem", "--name", "owa.mydomain.local")).toMatchObject({ status: 2, said: expect.stringContaining("which lacks owa.mydomain.local") as unknown });
});

test.each<[string[], RegExp]>([
  [["request"], /request needs the names that clients use: --stack NAME, or --name for each/],
  [["request", "--name", "a b"], /--name must be a DNS name, such as .*, got "a b"/],
  [["request", "--name", "a.b", "--key", "dsa"], /--key must be one of rsa-2048, .*, got "dsa"/],
  [["request", "--stack", "none"], /--stack must name a stack that was synthesized \(cdktf synth\), got "none"/],
  [["issue", "--csr", "x"], /ENOENT|--ca is needed/],
  [["ca"], /--common-name is needed/],
  [["ca", "--common-name", "x", "--days", "0"], /--days must be a number of days, got "0"/],
  [["bundle", "--cert", "x"], /--key is needed/],
  [["from-pfx"], /from-pfx needs the PFX file/],
  [["request", "--nonsense"], /Unknown option '--nonsense'/],
])("%j is refused in words", async (args, message) => {
  await expect(run(...args)).rejects.toThrow(message);
});

test("another word than a command's shows what there is", async () => {
  expect(await run("foo")).toMatchObject({ status: 2, said: expect.stringContaining("request  [--stack NAME") as unknown });
  expect(await run("help")).toMatchObject({ status: 0 });
});
