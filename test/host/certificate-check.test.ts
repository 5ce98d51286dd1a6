import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { certificateCheckScript } from "../../lib/host/scripts";

// certificate-check.sh on certificates in files, with no member to ask. What it makes of members is in test/lab/.

const folder = mkdtempSync(path.join(tmpdir(), "certificate-check-"));
const at = (name: string): string => path.join(folder, name);
const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function certificate(name: string, days: number): string {
  const file = at(`${name}.pem`);
  const made = spawnSync("openssl", [
    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", String(days),
    "-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`, "-keyout", at("key"), "-out", file,
  ]);
  expect(made.status).toBe(0);
  return file;
}

/** What a deploy is told of certificates by a conf. */
function told(conf: string): string {
  writeFileSync(at("certificate-check.conf"), conf);
  const script = certificateCheckScript().replace("conf=/etc/haproxy/certificate-check.conf", `conf=${at("certificate-check.conf")}`);
  const { status, stdout, stderr } = spawnSync("sh", ["-c", script, "certificate-check", "--before-live", "/dev/null"], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return stdout;
}

jest.setTimeout(30_000);

(hasOpenssl ? describe : describe.skip)("each certificate's own days of warning", () => {
  test("one is warned of and the other is not, whichever of the two has the longer time", () => {
    const [mail, autodiscover] = [certificate("mail.lab.test", 40), certificate("autodiscover.lab.test", 40)];
    const conf = (one: number, other: number): string => `mismatch stop\ntrust /dev/null\npresent mail.lab.test ${mail} ${one}\npresent autodiscover.lab.test ${autodiscover} ${other}\n`;
    expect(told(conf(30, 60))).toMatch(/^certificates: the certificate for autodiscover\.lab\.test expires on \d{4}-\d\d-\d\d\n$/);
    expect(told(conf(60, 30))).toMatch(/^certificates: the certificate for mail\.lab\.test expires on \d{4}-\d\d-\d\d\n$/);
    expect(told(conf(30, 30))).toBe("");
  });
});
