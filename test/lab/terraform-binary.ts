import { existsSync, mkdirSync } from "node:fs";
import { inCache } from "./paths";
import { must, which } from "./run";
import { say, step } from "./say";

/** The last release that `go install` can build: later ones have replace directives. */
const BUILT = "v1.5.7";

/** Terraform or OpenTofu from PATH, else a Terraform built into the cache. */
export async function terraformBinary(): Promise<string> {
  const found = which("terraform") ?? which("tofu");
  if (found !== undefined) return found;
  const folder = inCache(`terraform-${BUILT}`);
  const built = `${folder}/terraform`;
  if (!existsSync(built)) {
    requireGo("Neither terraform nor tofu is on PATH");
    await step(`Neither terraform nor tofu is on PATH: building Terraform ${BUILT} with Go (about 2 minutes, once)`, async () => {
      mkdirSync(folder, { recursive: true });
      await must(["go", "install", `github.com/hashicorp/terraform@${BUILT}`], { env: { GOBIN: folder, GOFLAGS: "-trimpath" } });
    });
  }
  return built;
}

export function requireGo(because: string): void {
  if (which("go") === undefined) throw new Error(`${because}, and there is no Go to build what is missing: install terraform, or Go 1.21 or newer.`);
}

export async function terraformVersion(binary: string): Promise<string> {
  const text = await must([binary, "version"], { env: { CHECKPOINT_DISABLE: "1", TF_CLI_CONFIG_FILE: "/dev/null" } });
  return text.split("\n")[0] ?? binary;
}

export const sayTerraform = async (binary: string): Promise<void> => say(`Terraform: ${await terraformVersion(binary)}, ${binary}`);
