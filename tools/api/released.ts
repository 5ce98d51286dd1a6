import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Assembly, Docs } from "@jsii/spec";

/** The public API as the last release has it, a line a type; before the first release, as that one will have it. `npm run api` writes it. */
export const RELEASED = "tools/api/released.json";

/** What an app cannot break on. */
const ASIDE: readonly string[] = [
  "author", "bin", "description", "fingerprint", "homepage", "jsiiVersion", "keywords", "locationInModule", "metadata", "readme", "repository", "symbolId", "targets",
];

/** An assembly, cut down to what apps are compiled against. */
export function releasedText(assembly: Assembly): string {
  const { types = {}, ...head } = JSON.parse(JSON.stringify(assembly, kept)) as Assembly;
  const lines = Object.entries(types).map(([name, type]) => `    ${JSON.stringify(name)}: ${JSON.stringify(type)}`);
  return JSON.stringify({ ...head, types: {} }, undefined, 2).replace(/\{\}\n\}$/, () => `{\n${lines.join(",\n")}\n  }\n}\n`);
}

function kept(key: string, value: unknown): unknown {
  if (key === "docs") return { stability: (value as Docs).stability };
  return ASIDE.includes(key) ? undefined : value;
}

/** Writes the released API into an empty folder, as jsii-diff reads a package. */
export function releasedPackage(folder: string, text: string = readFileSync(RELEASED, "utf8")): string {
  const { name, version, dependencies } = JSON.parse(text) as Assembly;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, ".jsii"), text);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, version, dependencies, jsii: {} }));
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  return folder;
}
