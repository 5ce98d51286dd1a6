import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { nullProvider } from "../../test/lab/null-provider";
import { terraformBinary, terraformVersion } from "../../test/lab/terraform-binary";

/**
 * Terraform as a stranger has it on the machine. The null provider may be the lab's substitute for the real one; the
 * table of results then says so.
 */
export interface Terraform {
  readonly version: string;
  readonly provider: string;
  readonly env: Readonly<Record<string, string>>;
}

export async function terraform(scratch: string): Promise<Terraform> {
  const binary = await terraformBinary();
  const { kind, mirror } = await nullProvider(binary);
  const file = join(scratch, "terraform.tfrc");
  writeFileSync(file, `disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`);
  return {
    version: (await terraformVersion(binary)).replace(/ v/, " "),
    provider: kind === "real" ? "null provider 3.2.4" : "null provider: the lab's stand-in",
    env: { TERRAFORM_BINARY_NAME: binary, TF_CLI_CONFIG_FILE: file, TF_IN_AUTOMATION: "1" },
  };
}
