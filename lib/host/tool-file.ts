import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A file of lib/host/tools, which is used as it is. The path is the same from lib/host and from dist/host. */
export function toolFile(name: string): string {
  const text = read.get(name) ?? readFileSync(join(__dirname, "..", "..", "lib", "host", "tools", name), "utf8");
  read.set(name, text);
  return text;
}

const read = new Map<string, string>();
