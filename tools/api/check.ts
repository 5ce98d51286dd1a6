import { spawnSync } from "node:child_process";
import { bin } from "../run";
import { releasedPackage } from "./released";

/**
 * The breaking changes that jsii-diff finds between the released API and the package in the folder `other`. The default
 * is the package that was built last.
 */
export function breakingChanges(scratch: string, other = "."): readonly string[] {
  const { status, stdout, stderr } = spawnSync(bin("jsii-diff"), ["--error-on", "all", releasedPackage(scratch), other], {
    encoding: "utf8",
    env: { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: "20" },
  });
  if (status === 0) return [];
  // It writes what it found to stderr.
  const said = `${stdout}${stderr}`;
  const found = [...said.matchAll(/^err +- (.*)$/gm)].map(([, change = ""]) => change.replace(/\bcdkt[fn]-exchange-balancer\./g, ""));
  if (found.length === 0) throw new Error(`jsii-diff failed:\n${said}`);
  return found;
}
