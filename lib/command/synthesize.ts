import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { REVIEW_FOLDER } from "../review/notes";
import { failure } from "../validation/errors";

/** A stack of the app, as cdktf wrote it to cdktf.out. */
export interface Stack {
  readonly name: string;
  readonly synthesized: string;
  /** The folder in which Terraform runs. Relative paths in the stack are relative to this folder. */
  readonly folder: string;
}

/**
 * Runs the app of cdktf.json. The app writes its review notes to `scratch`.
 *
 * @throws if there is no app in the current folder, or if the app does not synthesize; the message is for the user
 */
export function synthesize(scratch: string): readonly Stack[] {
  if (!existsSync("cdktf.json")) throw failure("there is no cdktf.json in this folder. Run this command in the folder of a cdktf app");
  const { app, output = "cdktf.out" } = JSON.parse(readFileSync("cdktf.json", "utf8")) as { app?: string; output?: string };
  if (app === undefined || app === "") throw failure('cdktf.json must have "app", the command that synthesizes');
  // The app's output goes to stderr, so stdout has only this command's output.
  const { status } = spawnSync(app, {
    shell: true,
    stdio: ["ignore", 2, 2],
    env: { ...process.env, CDKTF_OUTDIR: output, [REVIEW_FOLDER]: scratch },
  });
  if (status !== 0) throw failure(`the app did not synthesize (${app}). Its output is above`);
  // Stacks are read from cdktf's manifest, not from the folders in cdktf.out: cdktf keeps the folder of a stack that
  // the app no longer has.
  const { stacks } = JSON.parse(readFileSync(join(output, "manifest.json"), "utf8")) as Manifest;
  return Object.values(stacks)
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name, synthesizedStackPath }) => ({
      name,
      synthesized: readFileSync(join(output, synthesizedStackPath), "utf8"),
      folder: join(output, dirname(synthesizedStackPath)),
    }));
}

/** The part of cdktf's manifest that this file reads. */
interface Manifest {
  readonly stacks: { readonly [name: string]: { readonly name: string; readonly synthesizedStackPath: string } };
}
