import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

const PIECES = path.resolve(__dirname, "../../../lib/host/apply");

/** The awks of this machine: hosts have mawk (Debian) or gawk (RHEL), and more are there to be more certain. */
export const AWKS: readonly (readonly string[])[] = [["mawk"], ["gawk"], ["original-awk"], ["busybox", "awk"], ["awk"]].filter(
  ([program = "", ...rest]) => spawnSync(program, [...rest, "BEGIN { exit 0 }"]).status === 0,
);

/** Runs a piece over texts, in the order of its arguments; gives what it prints, a line an entry. */
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

/** Lines of a text that stands indented in a test. */
export function lines(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => `${line}\n`)
    .join("");
}
