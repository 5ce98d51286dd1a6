import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** The list of packages that are bundled in this package. `npm run build` writes it. */
export const THIRD_PARTY = "THIRD-PARTY.md";

/** Licences that are compatible with Apache-2.0, and that Construct Hub and companies accept. */
const FINE: readonly string[] = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"];

interface Bundled {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly texts: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: { readonly [name: string]: string };
}

/** The text of THIRD-PARTY.md. @throws if a package has a licence that is not in FINE, or has no licence file */
export function thirdPartyText(root = "."): string {
  const { bundledDependencies = [] } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { bundledDependencies?: readonly string[] };
  const all = new Map<string, Bundled>();
  for (const name of bundledDependencies) collect(name, root, root, all);
  for (const { name, license, texts } of all.values()) {
    if (!FINE.includes(license)) throw new Error(`${name} is bundled, and its licence is ${license}; known to fit are ${FINE.join(", ")}`);
    if (texts.length === 0) throw new Error(`${name} is bundled, and comes without the text of its licence`);
  }
  const rows = [...all.values()].sort((one, other) => (one.name + one.version < other.name + other.version ? -1 : 1));
  return [
    "# Packages inside this one",
    "",
    "This package is under Apache-2.0 (LICENSE). It carries these along, unchanged, each with the text of its own licence. `npm run build` writes this list.",
    "",
    "| package | version | licence | its text |",
    "|---|---|---|---|",
    ...rows.map(({ name, version, license, texts }) => `| ${name} | ${version} | ${license} | ${texts.join(", ")} |`),
    "",
  ].join("\n");
}

/** Adds a package, and every package that it needs, to `all`. Searches for each package in the same folders as Node. */
function collect(name: string, from: string, root: string, all: Map<string, Bundled>): void {
  const folder = join(from, "node_modules", name);
  if (!existsSync(folder)) {
    const parent = dirname(from);
    if (from === root || parent === from) throw new Error(`${name} is to be bundled and is not installed`);
    return collect(name, parent, root, all);
  }
  if (all.has(folder)) return;
  const { version, license = "not stated", dependencies = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  const texts = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice|copyright)/i.test(file)).sort();
  all.set(folder, { name, version, license, texts: texts.map((file) => relative(root, join(folder, file)).replace(/\\/g, "/")) });
  for (const needed of Object.keys(dependencies)) collect(needed, folder, root, all);
}
