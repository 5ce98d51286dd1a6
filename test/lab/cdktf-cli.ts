import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { cached } from "./cache";
import { labEnvironment, readFacts } from "./facts";
import { inNamespace } from "./network";
import { inState, REPOSITORY } from "./paths";
import { must, run } from "./run";
import { say } from "./say";
import { typescriptApp } from "./terraform";

/**
 * The version of cdktf-cli: the same as the library's cdktf. cdktf-cli takes 423 MB, and only `deploy` needs it.
 * Therefore cdktf-cli is no devDependency: the lab installs it into the lab's cache.
 */
const VERSION = "0.21.0";

async function cdktfCli(): Promise<string> {
  const folder = await cached("cdktf-cli", { VERSION }, async (into) => {
    writeFileSync(path.join(into, "package.json"), '{ "private": true }\n');
    await must(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", `cdktf-cli@${VERSION}`], { cwd: into });
  });
  return path.join(folder, "node_modules/.bin/cdktf");
}

export interface DeployRequest {
  /** The folder of the app's main.ts, relative to the repository. */
  readonly app: string;
  readonly stack?: string;
  /** Further arguments for `cdktf deploy`. */
  readonly extra: readonly string[];
}

/** Runs the real `cdktf deploy` of an example in the lab's network. Returns the exit status. */
export async function cdktfDeploy(request: DeployRequest): Promise<number> {
  const facts = readFacts();
  const main = path.resolve(REPOSITORY, request.app, "main.ts");
  if (!existsSync(main)) {
    const examples = readdirSync(path.join(REPOSITORY, "examples")).join(", ");
    throw new Error(`There is no ${main}. --app names a folder with a main.ts, for example one of examples/: ${examples || "none yet"}.`);
  }
  // A project of its own outside the repository, so that `down` takes its state along.
  const project = inState("deploy", path.basename(path.dirname(main)));
  const call = await cdktfCall(project, typescriptApp(main), request.stack, request.extra);
  say(`cdktf ${call.argv.slice(1).join(" ")}   (in ${project}; null provider: ${facts.terraform.nullProvider})`);
  const { status } = await run(inNamespace(call.argv), { ...call, inherit: true });
  say(status === 0 ? "Deployed." : `cdktf deploy failed with status ${status}.`);
  return status;
}

interface Call {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Turns the folder `project` into a cdktf project for the app. Returns the call of `cdktf deploy` (arguments, folder and
 * environment), which the caller must run in the lab's network.
 */
export async function cdktfCall(project: string, app: readonly string[], stack?: string, extra: readonly string[] = []): Promise<Call> {
  const cdktf = await cdktfCli();
  mkdirSync(project, { recursive: true });
  writeFileSync(path.join(project, "cdktf.json"), JSON.stringify({ language: "typescript", app: app.join(" "), sendCrashReports: "false" }));
  return {
    argv: [cdktf, "deploy", ...(stack === undefined ? [] : [stack]), "--auto-approve", "--skip-provider-lock", ...extra],
    cwd: project,
    // Else it keeps a folder in the user's home.
    env: { ...labEnvironment(readFacts()), CDKTF_HOME: inState("cdktf-home") },
  };
}
