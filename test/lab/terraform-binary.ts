import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { cached } from "./cache";
import { inCache } from "./paths";
import { must, which } from "./run";
import { say, step } from "./say";

/** The last Terraform release that `go install` can build: later releases have replace directives. */
const BUILT = "v1.5.7";

/**
 * OpenTofu's version, and the replacement of hcl from OpenTofu's go.mod. Go ignores the replace directives of a
 * required module, so the lab repeats the directive for hcl.
 */
const OPENTOFU = { version: "v1.12.6", hcl: "github.com/opentofu/hcl/v2 v2.20.2-0.20251021132045-587d123c2828" };

/** Terraform or OpenTofu from PATH, or else a Terraform built into the cache. With EXLAB_TERRAFORM=tofu, always OpenTofu. */
export async function terraformBinary(): Promise<string> {
  const wanted = process.env["EXLAB_TERRAFORM"] ?? "";
  if (wanted === "tofu") return openTofuBinary();
  if (wanted !== "") throw new Error(`EXLAB_TERRAFORM must be tofu or unset, got "${wanted}".`);
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

/** OpenTofu from PATH, or else an OpenTofu built into the cache. */
export async function openTofuBinary(): Promise<string> {
  const found = which("tofu");
  if (found !== undefined) return found;
  const folder = await cached("opentofu", OPENTOFU, async (into) => {
    requireGo("tofu is not on PATH");
    const module = path.join(into, "module");
    mkdirSync(module);
    writeFileSync(path.join(module, "go.mod"), [
      "module opentofu-of-the-lab",
      "go 1.26",
      `require github.com/opentofu/opentofu ${OPENTOFU.version}`,
      `replace github.com/hashicorp/hcl/v2 v2.20.1 => ${OPENTOFU.hcl}`,
      "",
    ].join("\n"));
    await must(["go", "build", "-mod=mod", "-trimpath", "-ldflags=-s -w", "-o", path.join(into, "tofu"), "github.com/opentofu/opentofu/cmd/tofu"], {
      cwd: module, env: { CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: "" },
    });
  });
  return path.join(folder, "tofu");
}

export function requireGo(because: string): void {
  if (which("go") === undefined) throw new Error(`${because}, and Go is not installed to build what is missing. Install terraform, or Go 1.21 or newer.`);
}

export async function terraformVersion(binary: string): Promise<string> {
  const text = await must([binary, "version"], { env: { CHECKPOINT_DISABLE: "1", TF_CLI_CONFIG_FILE: "/dev/null" } });
  return text.split("\n")[0] ?? binary;
}

export const sayTerraform = async (binary: string): Promise<void> => say(`Terraform: ${await terraformVersion(binary)}, ${binary}`);
