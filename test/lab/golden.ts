import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { REPOSITORY } from "./paths";
import { toolsRoot } from "./root-fs";
import { say } from "./say";
import type { Debian } from "./suites";
import { validate, type Verdict } from "./validate";

export const GOLDEN = path.join(REPOSITORY, "test/golden");

/** The Debian whose programs are nearest to an operating system's, and not older where that is possible. */
const NEAREST: Readonly<Record<string, Debian>> = {
  almalinux8: "bullseye", // 1.8.27 and 2.1.5; bullseye has 2.2.9 and 2.1.5
  almalinux9: "bookworm", // 2.4.22 and 2.2.8; bookworm has 2.6.12 and 2.2.7
  almalinux10: "trixie", // 3.0 and 2.2.8; trixie has 3.0.11 and 2.3.3
  debian11: "bullseye",
  debian12: "bookworm",
  debian13: "trixie",
};

export interface GoldenNode {
  readonly folder: string;
  readonly name: string;
  readonly suite: Debian;
}

/** Every folder of golden files that is one host's, with the Debian to judge it by. */
export function goldenNodes(root = GOLDEN): GoldenNode[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((file) => /(^|\/)etc\/(haproxy\/haproxy\.cfg|keepalived\/keepalived\.conf)$/.test(file))
    .map((file) => file.replace(/\/?etc\/[^/]+\/[^/]+$/, ""))
    .filter((name, index, names) => names.indexOf(name) === index)
    .sort()
    .map((name) => ({ folder: path.join(root, name), name, suite: suiteFor(root, name) }));
}

/** A file `os` in the node's folder or above it says which; else a part of the path; else Debian 12. */
function suiteFor(root: string, name: string): Debian {
  const parts = name.split("/");
  for (let depth = parts.length; depth >= 0; depth--) {
    const file = path.join(root, ...parts.slice(0, depth), "os");
    if (existsSync(file)) return nearest(readFileSync(file, "utf8"), file);
  }
  const said = parts.find((part) => /(almalinux|debian)[-_ ]?\d+/i.test(part));
  return said === undefined ? "bookworm" : nearest(said, path.join(root, name));
}

function nearest(text: string, where: string): Debian {
  const key = /(almalinux|debian)[-_ ]?\d+/i.exec(text)?.[0].toLowerCase().replace(/[-_ ]/, "") ?? "";
  const suite = NEAREST[key];
  if (suite === undefined) throw new Error(`${where} says "${text.trim()}". Known are: ${Object.keys(NEAREST).join(", ")}.`);
  return suite;
}

/** HAProxy marks its warnings; a rendered file may not cause any. */
export const hasWarning = (verdict: Verdict): boolean => /\[WARNING\]|\bwarning\b/i.test(verdict.output);

/** Feeds the golden files, or another folder of such trees, to the real programs. Returns how many hosts were refused. */
export async function validateAll(root: string, only?: Debian): Promise<number> {
  const nodes = goldenNodes(root);
  if (nodes.length === 0) say(`There are no files to judge below ${root}.`);
  await Promise.all([...new Set(nodes.map(({ suite }) => only ?? suite))].map(toolsRoot));
  let refused = 0;
  for (const { folder, name, suite } of nodes) {
    const release = only ?? suite;
    const { adapted, ...verdicts } = await validate(release, folder);
    const bad = Object.entries(verdicts).filter(([program, verdict]) =>
      verdict.status !== 0 || (program === "haproxy" && hasWarning(verdict)));
    say(`${bad.length === 0 ? "accepted" : "REFUSED "}  ${name || "."}  (${release})`);
    if (bad.length === 0) continue;
    refused++;
    for (const [program, verdict] of bad) say(`${program}, status ${verdict.status}:\n${verdict.output.trimEnd()}`);
    say(`For the check: ${adapted.join("; ")}`);
  }
  return refused;
}
