import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The version of this library from package.json. */
export function libraryVersion(): string {
  // From lib/host and from dist/host, the relative path to package.json is the same.
  known ??= (JSON.parse(readFileSync(join(__dirname, "..", "..", "package.json"), "utf8")) as { version: string }).version;
  return known;
}

let known: string | undefined;
