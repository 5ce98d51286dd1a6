import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { ChildReport } from "./children/report";

/** The figures of one run of a child process. */
export interface Run extends ChildReport {
  readonly wallMs: number;
}

/** Removes the output of an earlier run, then runs compiled JavaScript in a separate Node process. */
export function runChild(folder: string, script: string, args: readonly string[]): Run {
  rmSync(join(folder, "cdktf.out"), { recursive: true, force: true });
  const started = process.hrtime.bigint();
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [script, ...args], { cwd: folder, encoding: "utf8" });
  const wallMs = Number(process.hrtime.bigint() - started) / 1e6;
  if (status !== 0) throw new Error(`node ${script} ${args.join(" ")} failed:\n${stderr}${error === undefined ? "" : error.message}`);
  return { wallMs, ...(JSON.parse(stdout) as ChildReport) };
}
