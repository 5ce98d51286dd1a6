import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Reads a file from lib/host/tools. The relative path to lib/host/tools is the same from lib/host and from the compiled
 * code in dist/host.
 */
export function toolFile(name: string): string {
  const text = read.get(name) ?? readFileSync(join(__dirname, "..", "..", "lib", "host", "tools", name), "utf8");
  read.set(name, text);
  return text;
}

const read = new Map<string, string>();
