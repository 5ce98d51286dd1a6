import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { RemovalPolicy, SshAccess } from "cdktf-exchange-balancer";
import { balancerStack, synth } from "../support/site";
import { loginKey } from "./keys";
import { type Outcome, must, run } from "./run";
import { openTofuBinary, terraformBinary } from "./terraform-binary";

// A host leaves and the key to log in with is not there any more. No host is needed for it.

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "exlab-leaving-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.each([["Terraform", terraformBinary], ["OpenTofu", openTofuBinary]])("%s and a host that is removed from the stack", (_, binary) => {
  async function leave(removalPolicy: RemovalPolicy, whole = true): Promise<Outcome> {
    const { stack } = balancerStack({
      balancer: { ssh: SshAccess.privateKeyFile({ path: path.join(folder, "gone"), port: 2299 }), removalPolicy, master: { host: "127.0.0.9" }, virtualAddresses: ["10.12.8.15"], masterVrrpAddress: "10.12.8.11" },
    });
    const synthesized = JSON.parse(synth(stack)) as { resource: { terraform_data: { [name: string]: { for_each: object } } } };
    const leaving = synthesized.resource.terraform_data["cdktf_exchange_balancer_leave"];
    if (leaving === undefined) throw new Error("the stack has no leaving resource");
    const write = (instances: object): void =>
      writeFileSync(path.join(folder, "main.tf.json"), JSON.stringify({ resource: { terraform_data: { leaving: { ...leaving, for_each: instances } } } }));
    const options = { cwd: folder, env: { TF_CLI_CONFIG_FILE: "/dev/null", CHECKPOINT_DISABLE: "1" } };
    if (whole) {
      write(leaving.for_each);
      await must([await binary(), "apply", "-auto-approve", "-no-color"], options);
    }
    write({});
    return run([await binary(), "apply", "-auto-approve", "-no-color"], options);
  }

  test("with RemovalPolicy.RELEASE, a removed host stays in the Terraform state while its private key file is missing, and the message names this file", async () => {
    const { status, stderr } = await leave(RemovalPolicy.RELEASE);
    expect(status).toBe(1);
    expect(stderr.replace(/\s+/g, " ")).toContain("gone (this private key file is missing. Terraform needs the file to log in to 127.0.0.9, because a host was removed from the stack. Restore the file; if the key is lost, see docs/deploy-errors.md)");
  }, 120_000);

  test("with RemovalPolicy.RELEASE, each deploy fails while a removed host is off, and the host stays in the Terraform state", async () => {
    copyFileSync((await loginKey()).privatePath, path.join(folder, "gone"));
    for (const attempt of [1, 2]) {
      const { status, stderr } = await leave(RemovalPolicy.RELEASE, attempt === 1);
      expect([attempt, status]).toEqual([attempt, 1]);
      expect(stderr.replace(/\s+/g, " ")).toMatch(/remote-exec provisioner error with terraform_data\.leaving\["Stack\/Mail\/Master@127\.0\.0\.9"\].*timeout - last error: .*127\.0\.0\.9:2299/);
    }
  }, 180_000);

  test("with RemovalPolicy.RETAIN, Terraform forgets a removed host without an ssh connection to it", async () => {
    expect((await leave(RemovalPolicy.RETAIN)).status).toBe(0);
  }, 120_000);
});
