import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { cached, contentOf, removeTree } from "./cache";
import { inCache } from "./paths";
import { must, run, which } from "./run";
import { requireGo } from "./terraform-binary";
import { step } from "./say";

/** The null provider's source address; VERSION is the version that @cdktf/provider-null requires. */
const SOURCE = "hashicorp/null";
const VERSION = "3.2.4";

const STAND_IN = path.join(__dirname, "null-provider");

export interface NullProvider {
  readonly kind: "real" | "stand-in";
  /**
   * The folder of a Terraform filesystem mirror with the provider. Terraform needs it because the lab's network has no
   * internet access.
   */
  readonly mirror: string;
}

/** The real provider if its registry can be reached, otherwise the lab's imitation. */
export async function nullProvider(terraform: string): Promise<NullProvider> {
  const flavour = path.basename(terraform);
  const real = inCache(`provider-${flavour}`);
  if (existsSync(real)) return { kind: "real", mirror: real };

  // An unreachable registry is asked again after a day, not at each `up`.
  const asked = inCache(`provider-${flavour}.unreachable`);
  if (!existsSync(asked) || Date.now() - statSync(asked).mtimeMs > 86_400_000) {
    if (await step(`Downloading the null provider ${VERSION} from the registry`, () => download(terraform, real))) {
      return { kind: "real", mirror: real };
    }
    mkdirSync(inCache(), { recursive: true });
    writeFileSync(asked, "");
  }
  return { kind: "stand-in", mirror: await standIn(terraform) };
}

const configuration = `terraform {
  required_providers {
    null = {
      source  = "${SOURCE}"
      version = "${VERSION}"
    }
  }
}
`;

/**
 * Runs `work` in a temporary folder with a configuration that requires the null provider, and with a minimal CLI
 * configuration.
 */
async function withConfiguration<T>(work: (cwd: string, env: Record<string, string>) => Promise<T>): Promise<T> {
  const cwd = mkdtempSync(path.join(tmpdir(), "exlab-null-"));
  try {
    writeFileSync(path.join(cwd, "main.tf"), configuration);
    writeFileSync(path.join(cwd, "cli.tfrc"), "disable_checkpoint = true\n");
    return await work(cwd, {
      TF_CLI_CONFIG_FILE: path.join(cwd, "cli.tfrc"),
      TF_REGISTRY_CLIENT_TIMEOUT: "5",
      TF_REGISTRY_DISCOVERY_RETRY: "0",
    });
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

async function download(terraform: string, mirror: string): Promise<boolean> {
  const parts = `${mirror}.part`;
  await removeTree(parts);
  mkdirSync(parts, { recursive: true });
  const outcome = await withConfiguration((cwd, env) => run([terraform, "providers", "mirror", parts], { cwd, env, timeout: 60 }));
  const complete = outcome.status === 0 && readdirSync(parts).length > 0;
  if (complete) await must(["mv", parts, mirror]);
  await removeTree(parts);
  return complete;
}

/**
 * The provider's whole address. It begins with the registry's host name, which differs between Terraform and OpenTofu,
 * so this function asks the installed program.
 */
async function address(terraform: string): Promise<string> {
  const text = await withConfiguration((cwd, env) => must([terraform, "providers"], { cwd, env }));
  const found = new RegExp(`provider\\[([^\\]]+/${SOURCE})\\]`).exec(text)?.[1];
  if (found === undefined) throw new Error(`"${terraform} providers" did not name the provider ${SOURCE}:\n${text}`);
  return found;
}

async function standIn(terraform: string): Promise<string> {
  const wanted = await address(terraform);
  const platform = `linux_${process.arch === "x64" ? "amd64" : process.arch}`;
  return cached(`provider-stand-in-${path.basename(terraform)}`, { wanted, platform, source: contentOf(STAND_IN) }, async (folder) => {
    requireGo("The registry of Terraform providers cannot be reached");
    const target = path.join(folder, wanted, VERSION, platform, `terraform-provider-null_v${VERSION}_x5`);
    await must([which("go") ?? "go", "build", "-trimpath", "-ldflags", `-s -w -X main.address=${wanted}`, "-o", target, "."], {
      cwd: STAND_IN,
      env: { CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false", GOWORK: "off" },
    });
  });
}
