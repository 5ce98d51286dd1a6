import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

const PIECES = path.resolve(__dirname, "../../../lib/host/apply");

/** The awk programs of this machine. Hosts have mawk (Debian) or gawk (RHEL); further awks make the tests stricter. */
export const AWKS: readonly (readonly string[])[] = [["mawk"], ["gawk"], ["original-awk"], ["busybox", "awk"], ["awk"]].filter(
  ([program = "", ...rest]) => spawnSync(program, [...rest, "BEGIN { exit 0 }"]).status === 0,
);

/** Runs an awk script of apply.sh with one input file for each text in `inputs`. Returns the lines of the output. */
export function decide(awk: readonly string[], piece: string, inputs: readonly string[], options: readonly string[] = []): string[] {
  const folder = mkdtempSync(path.join(tmpdir(), "awk-"));
  try {
    const files = inputs.map((text, index) => {
      const file = path.join(folder, String(index));
      writeFileSync(file, text);
      return file;
    });
    const [program = "awk", ...rest] = awk;
    const { status, stdout, stderr } = spawnSync(program, [...rest, ...options, "-f", path.join(PIECES, `${piece}.awk`), ...files], {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C" },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    return stdout.split("\n").filter((line) => line !== "");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The non-empty lines of an indented text, without the indentation. */
export function lines(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => `${line}\n`)
    .join("");
}
