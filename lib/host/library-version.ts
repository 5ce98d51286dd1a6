import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The version of this library, as package.json says. */
export function libraryVersion(): string {
  // Seen from lib/host and from dist/host alike.
  known ??= (JSON.parse(readFileSync(join(__dirname, "..", "..", "package.json"), "utf8")) as { version: string }).version;
  return known;
}

let known: string | undefined;
