import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import * as path from "node:path";
import { inState, REPOSITORY } from "./paths";
import { Deployment, typescriptApp } from "./terraform";

// Values that come from elsewhere are checked by the real Terraform, before any
// host is touched, with the words that a literal would have got at synthesis.

const WORK = inState("deploy", "larger-stack");
let deployment: Deployment;

const PEM = "-----BEGIN CERTIFICATE-----\nMIIB %{if} ${x}\n-----END CERTIFICATE-----\n";
const GOOD = { certificate: PEM, private_key: "key", root_ca: PEM, ssh_key: "key", vrrp_password: "s3cret" };

beforeAll(async () => {
  rmSync(WORK, { recursive: true, force: true });
  mkdirSync(WORK, { recursive: true });
  // The example's module is found from the folder that cdktf runs in.
  symlinkSync(path.join(REPOSITORY, "examples"), path.join(WORK, "examples"));
  deployment = new Deployment(WORK, typescriptApp(path.join(REPOSITORY, "examples/larger-stack/main.ts")));
  expect((await deployment.synth()).status).toBe(0);
}, 60_000);

async function plan(variables: { readonly [name: string]: string }): Promise<{ status: number; said: string }> {
  const all = { ...GOOD, ...variables };
  deployment.env = Object.fromEntries(Object.entries(all).map(([name, value]) => [`TF_VAR_${name}`, value]));
  const { status, stdout, stderr } = await deployment.plan();
  return { status, said: (stdout + stderr).replace(/[│╷╵]/g, " ").replace(/\s+/g, " ") };
}

test("the plan of the example larger-stack succeeds, although its values come from other resources", async () => {
  const { status, said } = await plan({});
  for (const node of ["Master", "Backup"]) {
    for (const role of ["Secrets", "Provision"]) expect(said).toMatch(new RegExp(`# null_resource\\.Mail_${node}_${role}_\\w+ will be created`));
  }
  expect(said).toMatch(/Plan: \d+ to add, 0 to change, 0 to destroy/);
  expect(status).toBe(2);
  expect(said).not.toContain("s3cret");
});

test.each([
  ["a domain with a blank", { domain: "my domain" }, "clientNames[0] must be a DNS name of at most 253 characters, such as mail.mydomain.local [larger-stack/Dag]"],
  ["a domain with a line break", { domain: "a.b\n    server evil 1.2.3.4:443" }, "clientNames[0] must be a DNS name"],
  ["a domain with a quote", { domain: 'a"b' }, "clientNames[0] must be a DNS name"],
  ["an empty allow list", { office_networks: "[]" }, "allow.smtp must be a list of at least one entry, each an IP address, such as 10.8.5.17, or a CIDR network"],
  ["an entry with a line break", { office_networks: '["10.8.5.0/24\\n0.0.0.0/0"]' }, "allow.smtp must be a list of at least one entry"],
  ["a VRRP password of 9 characters", { vrrp_password: "Mypasswor" }, "failover.authPass must be 1 to 8 letters, digits"],
  ["a VRRP password with a comment sign", { vrrp_password: "pass#1" }, "failover.authPass must be 1 to 8 letters, digits"],
  ["a private key as a CA", { root_ca: `${PEM}-----BEGIN PRIVATE KEY-----` }, 'rootCas["company-root"] must not contain a private key'],
  ["a CA that is not PEM", { root_ca: "MIIB" }, 'rootCas["company-root"] must be in PEM form'],
  ["no CA", { root_ca: "" }, 'rootCas["company-root"] must be in PEM form'],
] as const)("the plan refuses %s", async (_, variables, message) => {
  const { status, said } = await plan(variables);
  expect(status).toBe(1);
  expect(said).toContain(message);
  for (const secret of ["Mypasswor", "pass#1"]) expect(said).not.toContain(secret);
});
