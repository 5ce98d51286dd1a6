import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { REVIEW_FOLDER } from "../review/notes";
import { failure } from "../validation/errors";

/** A stack of the app, as it lies in cdktf.out. */
export interface Stack {
  readonly name: string;
  readonly synthesized: string;
}

/**
 * Runs the app of cdktf.json; its review notes land in `scratch`.
 *
 * @throws if there is no app here, or it does not synthesize; the message is for the user
 */
export function synthesize(scratch: string): readonly Stack[] {
  if (!existsSync("cdktf.json")) throw failure("there is no cdktf.json here: run this in the folder of a cdktf app");
  const { app, output = "cdktf.out" } = JSON.parse(readFileSync("cdktf.json", "utf8")) as { app?: string; output?: string };
  if (app === undefined || app === "") throw failure('cdktf.json names no "app", the command that synthesizes');
  // The app's own words go where a person sees them; ours alone are what this command prints.
  const { status } = spawnSync(app, {
    shell: true,
    stdio: ["ignore", 2, 2],
    env: { ...process.env, CDKTF_OUTDIR: output, [REVIEW_FOLDER]: scratch },
  });
  if (status !== 0) throw failure(`the app did not synthesize (${app}): its output is above`);
  // cdktf leaves the folder of a stack that the app no longer has; its manifest does not name that stack.
  const { stacks } = JSON.parse(readFileSync(join(output, "manifest.json"), "utf8")) as Manifest;
  return Object.values(stacks)
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name, synthesizedStackPath }) => ({ name, synthesized: readFileSync(join(output, synthesizedStackPath), "utf8") }));
}

/** What cdktf writes of a synthesis, as far as it is read here. */
interface Manifest {
  readonly stacks: { readonly [name: string]: { readonly name: string; readonly synthesizedStackPath: string } };
}
