import { readFileSync } from "node:fs";
import * as path from "node:path";

/** Returns the lines of a file in corpora/, without the comments. */
export const corpus = (name: string): string[] =>
  readFileSync(path.join(__dirname, "corpora", name), "utf8").split("\n").filter((line) => line !== "" && !line.startsWith("# "));

/**
 * All spellings of a virtual directory's path that corpora/spellings.txt has, for example in capitals or
 * percent-encoded.
 */
export function spellingsOf(directory: string): string[] {
  const code = directory.charCodeAt(0).toString(16);
  return corpus("spellings.txt").map((line) =>
    line
      .replaceAll("HEXREST", `${code}${directory.slice(1)}`)
      .replaceAll("CAPS", directory.toUpperCase())
      .replaceAll("DIR", directory)
      .replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
  );
}
