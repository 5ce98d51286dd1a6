import { readFileSync } from "node:fs";
import * as path from "node:path";

/** The lines of a file in corpora/, without its comments. */
export const corpus = (name: string): string[] =>
  readFileSync(path.join(__dirname, "corpora", name), "utf8").split("\n").filter((line) => line !== "" && !line.startsWith("# "));

/** Every spelling of a directory. */
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
