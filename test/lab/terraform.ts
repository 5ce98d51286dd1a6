import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { labEnvironment, readFacts } from "./facts";
import { inNamespace } from "./network";
import { type Outcome, run } from "./run";

/** The command that runs a TypeScript app from any folder. */
export const typescriptApp = (file: string): string[] => ["node", "--import", pathToFileURL(require.resolve("tsx")).href, file];

/**
 * One app and its Terraform state, in a folder of its own. Does the same as `cdktf deploy`, but calls Terraform
 * directly, which saves the seconds that cdktf-cli takes to start. Terraform runs in the lab's network.
 */
export class Deployment {
  private readonly facts = readFacts();

  /** @param env environment of app and Terraform; change it between two calls to change the app's input. */
  constructor(
    readonly workDir: string,
    readonly appCommand: readonly string[],
    public env: Readonly<Record<string, string>> = {},
    private readonly stackName?: string,
  ) {
    mkdirSync(workDir, { recursive: true });
  }

  /** Runs the app, which writes cdktf.out into the work folder. */
  synth(): Promise<Outcome> {
    return run(this.appCommand, { cwd: this.workDir, env: this.environment() });
  }

  /** Runs `terraform plan`. Status 0: no changes; 2: changes; 1: an error. */
  plan(...args: string[]): Promise<Outcome> {
    return this.terraform(["plan", "-detailed-exitcode", "-input=false", ...args]);
  }

  apply(...args: string[]): Promise<Outcome> {
    return this.terraform(["apply", "-auto-approve", "-input=false", ...args]);
  }

  destroy(...args: string[]): Promise<Outcome> {
    return this.terraform(["destroy", "-auto-approve", "-input=false", ...args]);
  }

  /**
   * Synthesizes the stack, and applies it. Returns the outcome of the first step that failed, or else the outcome of
   * the apply.
   */
  async deploy(...args: string[]): Promise<Outcome> {
    const synthesized = await this.synth();
    return synthesized.status === 0 ? this.apply(...args) : synthesized;
  }

  /** Runs any Terraform command on the stack, such as `show -json`. */
  async terraform(args: readonly string[]): Promise<Outcome> {
    const initialized = await this.init();
    return initialized.status === 0 ? this.call([...args, ...colour(args)]) : initialized;
  }

  /** The folder of the synthesized stack. */
  get stackDir(): string {
    const stacks = path.join(this.workDir, "cdktf.out/stacks");
    const names = existsSync(stacks) ? readdirSync(stacks) : [];
    const name = this.stackName ?? names[0];
    if (name === undefined || !names.includes(name) || (this.stackName === undefined && names.length > 1)) {
      throw new Error(`Which stack? ${stacks} has: ${names.join(", ") || "nothing (synthesize first)"}.`);
    }
    return path.join(stacks, name);
  }

  /** The synthesized stack: the text of cdk.tf.json. */
  synthesized(): string {
    return readFileSync(path.join(this.stackDir, "cdk.tf.json"), "utf8");
  }

  /** Runs `terraform init`, but only if its inputs have changed: an init takes longer than a plan. */
  private async init(): Promise<Outcome> {
    const { terraform } = JSON.parse(this.synthesized()) as { terraform?: unknown };
    const needs = JSON.stringify({ terraform, using: this.facts.terraform });
    const mark = path.join(this.stackDir, ".terraform", "exlab-init");
    if (existsSync(mark) && readFileSync(mark, "utf8") === needs) return { status: 0, stdout: "", stderr: "" };
    const outcome = await this.call(["init", "-input=false", "-reconfigure", "-no-color"]);
    if (outcome.status === 0) {
      mkdirSync(path.dirname(mark), { recursive: true });
      writeFileSync(mark, needs);
    }
    return outcome;
  }

  private call(args: readonly string[]): Promise<Outcome> {
    return run(inNamespace([this.facts.terraform.binary, `-chdir=${this.stackDir}`, ...args]), {
      cwd: this.workDir,
      env: this.environment(),
    });
  }

  private environment(): Record<string, string> {
    return { ...labEnvironment(this.facts), ...this.env };
  }
}

const colour = (args: readonly string[]): string[] =>
  ["plan", "apply", "destroy"].includes(args[0] ?? "") ? ["-no-color"] : [];
