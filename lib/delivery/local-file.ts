import { readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import * as nodePath from "node:path";
import { App, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { Checks } from "../validation/checks";
import { LOCAL_PATH } from "../validation/rules";
import { expression } from "./terraform-text";

/** A file on the machine that runs Terraform. */
export interface LocalFileProps {
  /** The prop that names it. */
  readonly prop: string;
  readonly path: string;
  /** What to use in place of the prop where Terraform runs on another machine, which has the stack's folder alone. */
  readonly instead: string;
}

/**
 * A text file on the machine that runs Terraform, read when Terraform needs it:
 * a private key must not pass through cdk.tf.json.
 */
export class LocalFile {
  /** The path as seen from where Terraform runs. */
  public static pathFor(scope: Construct, path: string): string {
    const output = App.of(scope).outdir;
    return pathForTerraform(nodePath, {
      path,
      // Under a test the output lies in a temporary folder, where no relative path could mean anything.
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
   * What stands in the file now, to be checked and then forgotten: it may hold a
   * key. Undefined where there is nothing to read, as where Terraform runs on
   * another machine.
   */
  public readNow(): Buffer | undefined {
    // As `pathForTerraform`: a relative path begins at the folder that cdktf runs in.
    const path = nodePath.resolve(this.props.path);
    try {
      // An error each would cost a large synthesis a stack trace each.
      if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
      return readFileSync(path);
    } catch {
      return undefined;
    }
  }

  /** The text of the file as an attribute's value, which Terraform reads. */
  public content(): string {
    return expression(this.code());
  }

  /** Terraform's code for the text of the file. It is empty where there is none: the check that comes along says so, in words. */
  public code(): string {
    const { prop, path, instead } = this.props;
    const text = `try(file("${this.file}"), "")`;
    this.checks.terraform({
      // Terraform takes no condition that refers to nothing; LOCAL_PATH keeps the path a path.
      values: [],
      condition: () => `path.root != "" && ${text} != ""`,
      errorMessage:
        `${prop} must be an existing text file, got "${slashed(nodePath, path)}", which is missing, empty or binary (DER or PFX? openssl converts both to PEM). ` +
        "Relative paths begin at the folder that cdktf runs in. " +
        `A remote run (HCP Terraform) has only the stack's folder: use ${instead} there [${this.scope.node.path}]`,
    });
    return text;
  }
}

/** The two flavours of node:path; Windows' is tried on any machine. */
type Paths = Pick<typeof nodePath, "isAbsolute" | "join" | "relative" | "resolve" | "sep">;

/**
 * A path as Terraform, which runs in OUTPUT/stacks/NAME, has to be given it. A backslash would begin an escape
 * in Terraform's text, and Windows reads slashes as well.
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

/** Where a backslash is a letter of a name, as on Linux, it stays one, and LOCAL_PATH refuses it. */
export function slashed(paths: Pick<Paths, "sep">, path: string): string {
  return typeof path === "string" && paths.sep === "\\" ? path.replaceAll("\\", "/") : path;
}
