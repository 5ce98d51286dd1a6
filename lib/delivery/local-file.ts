import { readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join, relative, resolve } from "node:path";
import { App, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { Checks } from "../validation/checks";
import { LOCAL_PATH } from "../validation/rules";
import { expression } from "./terraform-text";

/**
 * A text file on the machine that runs Terraform, read when Terraform needs it:
 * a private key must not pass through cdk.tf.json.
 */
export class LocalFile {
  /** Its path, as seen from where Terraform runs. */
  private readonly file: string;

  /** The path as seen from where Terraform runs. */
  public static pathFor(scope: Construct, path: string): string {
    return isAbsolute(path) ? path : fromStackFolder(scope, path);
  }

  public constructor(
    scope: Construct,
    checks: Checks,
    prop: string,
    private readonly path: string,
  ) {
    checks.known(prop, path, LOCAL_PATH);
    this.file = LocalFile.pathFor(scope, path);
    checks.terraform({
      // file() refuses what is absent, a folder, or no text. Terraform takes no
      // condition that refers to nothing; LOCAL_PATH keeps the path a path.
      values: [],
      condition: () => `path.root != "" && try(file("${this.file}"), "") != ""`,
      errorMessage: `${prop} must be an existing text file, got "${path}", which is not there, is empty or is no text, as DER and PFX are not (openssl makes PEM of them; relative paths begin at the folder that cdktf runs in) [${scope.node.path}]`,
    });
  }

  /**
   * What stands in the file now, to be checked and then forgotten: it may hold a
   * key. Undefined where there is nothing to read, as where Terraform runs on
   * another machine; the check above says so at the plan.
   */
  public readNow(): Buffer | undefined {
    // As `fromStackFolder`: a relative path begins at the folder that cdktf runs in.
    const path = resolve(this.path);
    try {
      // An error each would cost a large synthesis a stack trace each.
      if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
      return readFileSync(path);
    } catch {
      return undefined;
    }
  }

  /** The file's text. Empty where it cannot be read: then the check above says so, in words. */
  public get content(): string {
    return expression(`try(file("${this.file}"), "")`);
  }
}

/**
 * Terraform runs in OUTPUT/stacks/NAME. Under a test the output lies in a
 * temporary folder, where no relative path could mean anything; then the usual
 * depth is taken, so that snapshots do not depend on the machine.
 */
function fromStackFolder(scope: Construct, path: string): string {
  const output = resolve(App.of(scope).outdir);
  const ofTest = output.startsWith(join(tmpdir(), "cdktf.outdir."));
  const app = ofTest ? "../../.." : relative(join(output, "stacks", TerraformStack.of(scope).node.id), process.cwd());
  return join(app, path);
}
