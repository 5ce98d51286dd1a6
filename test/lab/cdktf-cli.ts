import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { cached } from "./cache";
import { labEnvironment, readFacts } from "./facts";
import { inNamespace } from "./network";
import { inState, REPOSITORY } from "./paths";
import { must, run } from "./run";
import { say } from "./say";
import { typescriptApp } from "./terraform";

/** The library's cdktf. In the lab's cache, not a devDependency: it is 423 MB, and only `deploy` needs it. */
const VERSION = "0.21.0";

async function cdktfCli(): Promise<string> {
  const folder = await cached("cdktf-cli", { VERSION }, async (into) => {
    writeFileSync(path.join(into, "package.json"), '{ "private": true }\n');
    await must(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", `cdktf-cli@${VERSION}`], { cwd: into });
  });
  return path.join(folder, "node_modules/.bin/cdktf");
}

export interface DeployRequest {
  /** A folder with a main.ts, relative to the repository. */
  readonly app: string;
  readonly stack?: string;
  /** Handed on to `cdktf deploy`. */
  readonly extra: readonly string[];
}

/** The real `cdktf deploy` of an example, from inside the lab's network. Returns its exit status. */
export async function cdktfDeploy(request: DeployRequest): Promise<number> {
  const facts = readFacts();
  const main = path.resolve(REPOSITORY, request.app, "main.ts");
  if (!existsSync(main)) {
    const examples = readdirSync(path.join(REPOSITORY, "examples")).join(", ");
    throw new Error(`There is no ${main}. --app names a folder with a main.ts, for example one of examples/: ${examples || "none yet"}.`);
  }
  const cdktf = await cdktfCli();
  // A project of its own outside the repository, so that `down` takes its state along.
  const project = inState("deploy", path.basename(path.dirname(main)));
  mkdirSync(project, { recursive: true });
  const app = typescriptApp(main).join(" ");
  writeFileSync(path.join(project, "cdktf.json"), JSON.stringify({ language: "typescript", app, sendCrashReports: "false" }));
  const command = [
    cdktf, "deploy", ...(request.stack === undefined ? [] : [request.stack]),
    "--auto-approve", "--skip-provider-lock", ...request.extra,
  ];
  say(`cdktf ${command.slice(1).join(" ")}   (in ${project}; null provider: ${facts.terraform.nullProvider})`);
  const { status } = await run(inNamespace(command), {
    cwd: project,
    // Else it keeps a folder in the user's home.
    env: { ...labEnvironment(facts), CDKTF_HOME: inState("cdktf-home") },
    inherit: true,
  });
  say(status === 0 ? "Deployed." : `cdktf deploy failed with status ${status}.`);
  return status;
}
