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
  /** The name of the prop that contains the path. */
  readonly prop: string;
  readonly path: string;
  /** What the error message recommends for a remote run, in which Terraform sees only the stack's folder. */
  readonly instead: string;
}

/**
 * A text file on the machine where Terraform runs. Terraform reads the file at apply, because the file can be a private
 * key, which must not be written to cdk.tf.json.
 */
export class LocalFile {
  /** The path as Terraform needs it: absolute, or relative to the folder in which Terraform runs. */
  public static pathFor(scope: Construct, path: string): string {
    const output = App.of(scope).outdir;
    return pathForTerraform(nodePath, {
      path,
      // cdktf's tests write the stack to a temporary folder. A path relative to that folder would differ in each test
      // run.
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
   * Reads the file at synthesis. Use the content only for checks, because it can be a private key. Returns undefined if
   * the file does not exist, for example because Terraform runs on another machine.
   */
  public readNow(): Buffer | undefined {
    // A relative path is relative to the folder in which cdktf runs, as in `pathForTerraform`.
    const path = nodePath.resolve(this.props.path);
    try {
      // Without this check, readFileSync would create an error with a stack trace for each missing file, which is slow
      // in a large synthesis.
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
   * Returns Terraform code for the file's text. If the file is missing, the value of the code is an empty text. Also adds
   * a check that reports a missing file.
   */
  public code(): string {
    const { prop, path, instead } = this.props;
    const text = `try(file("${this.file}"), "")`;
    this.checks.terraform({
      // The part `path.root != ""` is always true. It is there because Terraform refuses a condition without a
      // reference. The path itself contains no Terraform code, because the rule LOCAL_PATH refuses such a path.
      values: [],
      condition: () => `path.root != "" && ${text} != ""`,
      errorMessage:
        `${prop} must be an existing text file, got "${slashed(nodePath, path)}", which is missing, empty or binary (openssl converts DER and PFX to PEM). ` +
        "Relative paths start in the folder in which cdktf runs. " +
        `A remote run (HCP Terraform) cannot read this file, because a remote run gets only the stack's folder. In a remote run, use ${instead} [${this.scope.node.path}]`,
    });
    return text;
  }
}

/** The functions of node:path for one platform. Tests use the functions for Windows on every platform. */
type Paths = Pick<typeof nodePath, "isAbsolute" | "join" | "relative" | "resolve" | "sep">;

/**
 * Converts a path for Terraform, which runs in OUTPUT/stacks/NAME. Backslashes become slashes, because a backslash
 * begins an escape in a Terraform string. Windows also accepts slashes in paths.
 *
 * @param at.output the output folder. In tests, it is undefined. Relative paths are then joined to `../../..`, as with
 *   the output folder cdktf.out, so that a snapshot does not depend on the machine
 */
export function pathForTerraform(
  paths: Paths,
  at: { readonly path: string; readonly output: string | undefined; readonly stack: string; readonly cwd: string },
): string {
  if (paths.isAbsolute(at.path)) return slashed(paths, at.path);
  const app = at.output === undefined ? "../../.." : paths.relative(paths.join(paths.resolve(at.output), "stacks", at.stack), at.cwd);
  return slashed(paths, paths.join(app, at.path));
}

/**
 * Turns the backslashes of a Windows path into slashes. On Linux a backslash is a normal character of a file name, so
 * it is kept; the rule LOCAL_PATH then refuses the path.
 */
export function slashed(paths: Pick<Paths, "sep">, path: string): string {
  return typeof path === "string" && paths.sep === "\\" ? path.replaceAll("\\", "/") : path;
}
