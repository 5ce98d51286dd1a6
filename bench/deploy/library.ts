import { mkdirSync, rmSync } from "node:fs";
import * as path from "node:path";
import { cdktfCall } from "../../test/lab/cdktf-cli";
import { inNamespace } from "../../test/lab/network";
import { inState, REPOSITORY } from "../../test/lab/paths";
import { must } from "../../test/lab/run";
import { Deployment, typescriptApp } from "../../test/lab/terraform";
import type { Contender, Wanted } from "./contender";

const APP = typescriptApp(path.join(REPOSITORY, "examples/lab/main.ts"));
const FOLDER = inState("bench", "library");

/**
 * This library without the cdktf command. A deploy runs the app and then `terraform apply`, which also makes the plan.
 */
export class Library implements Contender {
  readonly name: string = "library";
  readonly firewall = true;
  protected readonly deployment = new Deployment(FOLDER, APP);

  async begin(): Promise<void> {
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
    await this.edit({ maxconn: 1 });
    await this.deployment.synth();
    // Terraform is initialized before its first command.
    await this.deployment.terraform(["version"]);
  }

  edit({ maxconn }: Pick<Wanted, "maxconn">): Promise<void> {
    this.deployment.env = { EXLAB_SITE: JSON.stringify({ maxconn }) };
    return Promise.resolve();
  }

  async deploy(): Promise<void> {
    const { status, stdout, stderr } = await this.deployment.deploy();
    if (status !== 0) throw new Error(`${this.name}: status ${status}\n${stdout.slice(-3000)}${stderr}`);
  }

  rest(): Promise<void> {
    return Promise.resolve();
  }

  /** Synthesizes the stack with this maxconn and returns its cdk.tf.json. */
  async synthesized(maxconn: number): Promise<string> {
    await this.edit({ maxconn });
    await this.deployment.synth();
    return this.deployment.synthesized();
  }
}

/** The same contender as `Library`, but a deploy runs the command that users run: `cdktf deploy`. */
export class LibraryByCdktf extends Library {
  override readonly name = "library, cdktf deploy";

  override async deploy(): Promise<void> {
    const { argv, cwd, env } = await cdktfCall(FOLDER, APP);
    await must(inNamespace(argv), { cwd, env: { ...env, ...this.deployment.env } });
  }
}
