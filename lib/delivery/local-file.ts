import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { App, Fn, Token } from "cdktf";
import { Construct } from "constructs";
import { Checks } from "../checks";

/**
 * A file on the machine that runs Terraform, read when Terraform needs it, never
 * at synthesis: a private key must not pass through cdk.tf.json.
 */
export class LocalFile {
  /** Its path, as seen from where Terraform runs. */
  private readonly file: string;

  public constructor(
    scope: Construct,
    checks: Checks,
    prop: string,
    path: string,
  ) {
    this.file = isAbsolute(path) ? path : fromStackFolder(scope, path);
    checks.terraform({
      // Terraform takes no condition that refers to nothing; LOCAL_PATH keeps the path a path.
      condition: `\${path.root != "" && fileexists("${this.file}")}`,
      errorMessage: `${prop} must be an existing file, got "${path}", which is not there (relative paths begin at the folder that cdktf runs in) [${scope.node.path}]`,
    });
  }

  /** The file's text. Empty where it is absent: then the check above says so, in words. */
  public get content(): string {
    return Token.asString(Fn.try([Fn.file(this.file), ""]));
  }
}

/**
 * Terraform runs in cdktf.out/stacks/NAME below the app's folder. Under a test
 * the output lies in a temporary folder, where no relative path could mean
 * anything; then the usual depth is taken, so that snapshots do not depend on the machine.
 */
function fromStackFolder(scope: Construct, path: string): string {
  const outdir = relative(process.cwd(), resolve(App.of(scope).outdir));
  const depth = outdir === "" || outdir.startsWith("..") ? 1 : outdir.split(sep).length;
  return join(...Array<string>(depth + 2).fill(".."), path);
}
