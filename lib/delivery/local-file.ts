import { readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import * as nodePath from "node:path";
import { App, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { Checks } from "../validation/checks";
import { LOCAL_PATH } from "../validation/rules";
import { expression } from "./terraform-text";

/** A file on the machine where Terraform runs. */
export interface LocalFileProps {
  /** The prop that has the path. */
  readonly prop: string;
  readonly path: string;
  /** What to use instead of the prop if Terraform runs on another machine, which has only the stack's folder. */
  readonly instead: string;
}

/**
 * A text file on the machine where Terraform runs. Terraform itself reads the file, because a private key must not be
 * written to cdk.tf.json.
 */
export class LocalFile {
  /** The path relative to the folder where Terraform runs. */
  public static pathFor(scope: Construct, path: string): string {
    const output = App.of(scope).outdir;
    return pathForTerraform(nodePath, {
      path,
      // In a test, the output is in a temporary folder, so a path relative to it would be meaningless.
      output: nodePath.resolve(output).startsWith(nodePath.join(tmpdir(), "cdktf.outdir.")) ? undefined : output,
      stack: TerraformStack.of(scope).node.id,
      cwd: process.cwd(),
    });
  }

  private readonly file: string;

  public constructor(
    private readonly scope: Construct,
    private readonly checks: Checks,
    private readonly props: LocalFileProps,
  ) {
    checks.known(props.prop, slashed(nodePath, props.path), LOCAL_PATH);
    this.file = LocalFile.pathFor(scope, props.path);
  }

  /**
   * Reads the file now, for checks only, because it may contain a private key. Undefined if the file does not exist,
   * for example if Terraform runs on another machine.
   */
  public readNow(): Buffer | undefined {
    // As in `pathForTerraform`, a relative path starts in the folder in which cdktf runs.
    const path = nodePath.resolve(this.props.path);
    try {
      // Without this test, each missing file would cost an error with a stack trace, which is slow in a large
      // synthesis.
      if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
      return readFileSync(path);
    } catch {
      return undefined;
    }
  }

  /** A token for the file's text. Terraform reads the file. */
  public content(): string {
    return expression(this.code());
  }

  /**
   * Terraform code for the file's text. The text is empty if the file is missing; the check that is added here then
   * reports the error.
   */
  public code(): string {
    const { prop, path, instead } = this.props;
    const text = `try(file("${this.file}"), "")`;
    this.checks.terraform({
      // Terraform refuses a condition without a reference. The rule LOCAL_PATH keeps Terraform code out of the path.
      values: [],
      condition: () => `path.root != "" && ${text} != ""`,
      errorMessage:
        `${prop} must be an existing text file, got "${slashed(nodePath, path)}", which is missing, empty or binary (openssl converts DER and PFX to PEM). ` +
        "Relative paths start in the folder in which cdktf runs. " +
        `A remote run (HCP Terraform) has only the stack's folder: use ${instead} there [${this.scope.node.path}]`,
    });
    return text;
  }
}

/** The functions of node:path for one platform. Tests use Windows' functions on any machine. */
type Paths = Pick<typeof nodePath, "isAbsolute" | "join" | "relative" | "resolve" | "sep">;

/**
 * A path in the form that Terraform needs in OUTPUT/stacks/NAME. Backslashes become slashes, because a backslash would
 * begin an escape in Terraform's text, and Windows also accepts slashes.
 *
 * @param at.output undefined for the usual depth, so that a snapshot does not depend on the machine
 */
export function pathForTerraform(
  paths: Paths,
  at: { readonly path: string; readonly output: string | undefined; readonly stack: string; readonly cwd: string },
): string {
  if (paths.isAbsolute(at.path)) return slashed(paths, at.path);
  const app = at.output === undefined ? "../../.." : paths.relative(paths.join(paths.resolve(at.output), "stacks", at.stack), at.cwd);
  return slashed(paths, paths.join(app, at.path));
}

/** On Linux a backslash is a normal character of a name. It stays, and LOCAL_PATH refuses it. */
export function slashed(paths: Pick<Paths, "sep">, path: string): string {
  return typeof path === "string" && paths.sep === "\\" ? path.replaceAll("\\", "/") : path;
}
