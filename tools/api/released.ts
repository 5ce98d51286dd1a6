import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Assembly, Docs } from "@jsii/spec";

/**
 * The file of the released public API, with one line for each type. `npm run api` writes it. Before the first release, it
 * contains the API that this release will have.
 */
export const RELEASED = "tools/api/released.json";

/** Keys of jsii's assembly whose change cannot break an app. */
const ASIDE: readonly string[] = [
  "author", "bin", "description", "fingerprint", "homepage", "jsiiVersion", "keywords", "locationInModule", "metadata", "readme", "repository", "symbolId", "targets",
];

/** The text of an assembly with only those parts that apps are compiled against. */
export function releasedText(assembly: Assembly): string {
  const { types = {}, ...head } = JSON.parse(JSON.stringify(assembly, kept)) as Assembly;
  const lines = Object.entries(types).map(([name, type]) => `    ${JSON.stringify(name)}: ${JSON.stringify(type)}`);
  return JSON.stringify({ ...head, types: {} }, undefined, 2).replace(/\{\}\n\}$/, () => `{\n${lines.join(",\n")}\n  }\n}\n`);
}

function kept(key: string, value: unknown): unknown {
  if (key === "docs") return { stability: (value as Docs).stability };
  return ASIDE.includes(key) ? undefined : value;
}

/** Writes the released API into an empty folder, in the form of a package that jsii-diff can read. Returns the folder. */
export function releasedPackage(folder: string, text: string = readFileSync(RELEASED, "utf8")): string {
  const { name, version, dependencies } = JSON.parse(text) as Assembly;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, ".jsii"), text);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, version, dependencies, jsii: {} }));
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  return folder;
}
