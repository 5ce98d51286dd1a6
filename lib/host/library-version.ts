import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The version of this library from package.json. */
export function libraryVersion(): string {
  // The path is the same from lib/host and from dist/host.
  known ??= (JSON.parse(readFileSync(join(__dirname, "..", "..", "package.json"), "utf8")) as { version: string }).version;
  return known;
}

let known: string | undefined;
