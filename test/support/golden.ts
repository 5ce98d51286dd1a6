import { readFileSync, readdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";

// The form of the golden files. CASE.ts is a case's input; CASE.txt says which text lands
// where. The texts of one path stand in each other: a line without letters is in all of
// them, and a letter is explained above. A text that an earlier case has, and a script
// that the library ships, are only named. Pure, because the lab reads these files, too.

const REPOSITORY = resolve(__dirname, "../..");
export const GOLDEN = join(REPOSITORY, "test/golden");

/** A file that a case delivers to one node of one system. */
export interface Landing {
  /** The name of the node's operating system, such as `Debian 12`. */
  readonly system: string;
  readonly node: "master" | "backup";
  readonly path: string;
  readonly mode: string;
  /** The text of the file; undefined for a secret, because its text is not known at synthesis. */
  readonly content: string | undefined;
}

/**
 * The names of the golden cases, the article's cases first. The order decides which golden file contains a text that
 * several cases have: the file of the first of these cases.
 */
export function goldenCases(folder = GOLDEN): string[] {
  const rank = (name: string): string => `${name.startsWith("article-") ? 0 : 1} ${name}`;
  return readdirSync(folder)
    .flatMap((file) => (file.endsWith(".ts") ? [file.slice(0, -".ts".length)] : []))
    .sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

const EVERY = "every system";
const NO_NEWLINE = "\\ no newline at the end";
/** A line that says which nodes get a text, such as `a: master of Debian 12` or `backup of every system: secret`. */
const HEAD = /^(?:([a-z]): )?(.+?) of ([^:]+)(?:: (.+))?$/;
/**
 * The beginning of a text's line: the letters of the variants that contain the line, or no letters if all variants
 * contain the line.
 */
const GUTTER = /^[a-z]* *\|/;
const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/** The text of each case's golden file. `cases` has the order of `goldenCases`; `systems` are the names of all systems. */
export function writeGolden(cases: ReadonlyMap<string, readonly Landing[]>, systems: readonly string[]): Map<string, string> {
  const known = new Map<string, (path: string) => string>(shippedScripts().map(({ name, text }) => [text, () => name]));
  return new Map(
    [...cases].map(([name, landings]) => {
      const blocks = [...grouped(landings, ({ path, mode }) => `${path} ${mode}`)].map(([file, theirs]) => {
        const own: string[] = [];
        const heads = [...grouped(theirs, ({ content }) => content)].flatMap(([content, same]) => {
          const elsewhere = content === undefined ? "secret" : known.get(content)?.(same[0]?.path ?? "");
          if (elsewhere !== undefined) return who(same, systems).map((some) => `${some}: ${elsewhere}`);
          const letter = LETTERS[own.push(content ?? "") - 1] ?? "";
          known.set(content ?? "", (path) => `as ${same[0]?.path === path ? "" : `${same[0]?.path ?? ""} `}in ${name} on ${place(same[0])}`);
          return who(same, systems).map((some) => `${letter}: ${some}`);
        });
        return [`=== ${file}`, ...heads, ...merged(own.map(toLines))].map((line) => `${line}\n`).join("");
      });
      return [name, blocks.join("\n")];
    }),
  );
}

/** The nodes and systems that have a text, such as `master and backup of Debian 12, Debian 13`. */
function who(landings: readonly Landing[], systems: readonly string[]): string[] {
  const nodesOf = grouped(landings, ({ system }) => system);
  const among = systems.filter((system) => nodesOf.has(system));
  return [...grouped(among, (system) => (nodesOf.get(system) ?? []).map(({ node }) => node).sort().reverse().join(" and "))].map(
    ([nodes, some]) => `${nodes} of ${some.length === systems.length ? EVERY : some.join(", ")}`,
  );
}

/**
 * Merges the variants of a file into one text. Each line begins with the letters of the variants that contain the line;
 * a line that all variants contain has no letters.
 */
function merged(texts: readonly (readonly string[])[]): string[] {
  let all: { readonly line: string; readonly letters: string }[] = [];
  texts.forEach((text, index) => {
    const letter = LETTERS[index] ?? "";
    const common = longestCommon(all.map(({ line }) => line), text);
    const next: typeof all = [];
    let [left, right] = [0, 0];
    for (const [i, j] of [...common, [all.length, text.length] as const]) {
      next.push(...all.slice(left, i), ...text.slice(right, j).map((line) => ({ line, letters: letter })));
      const both = all[i];
      if (both !== undefined) next.push({ line: both.line, letters: both.letters + letter });
      [left, right] = [i + 1, j + 1];
    }
    all = next;
  });
  return all.map(({ line, letters }) => `${(letters.length === texts.length ? "" : letters).padEnd(4)}|${line}`);
}

/** The pairs of indexes that form a longest common subsequence of two lists. */
function longestCommon(a: readonly string[], b: readonly string[]): (readonly [number, number])[] {
  const length = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  const at = (i: number, j: number): number => length[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    const row = length[i];
    for (let j = b.length - 1; j >= 0; j--) if (row !== undefined) row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  const pairs: (readonly [number, number])[] = [];
  for (let [i, j] = [0, 0]; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}

const toLines = (text: string): string[] => (text.endsWith("\n") ? text.slice(0, -1) : `${text}\n${NO_NEWLINE}`).split("\n");

function toText(lines: readonly string[]): string {
  const text = lines.join("\n");
  return text.endsWith(`\n${NO_NEWLINE}`) ? text.slice(0, -NO_NEWLINE.length - 1) : `${text}\n`;
}

/**
 * Reads the golden files. Returns, for each case, the files that each node gets. `systems` are the names of all systems.
 */
export function readGolden(systems: readonly string[], folder = GOLDEN): Map<string, Landing[]> {
  const known = new Map(shippedScripts().map(({ name, text }) => [name, text]));
  return new Map(
    goldenCases(folder).map((name) => {
      const blocks = readFileSync(join(folder, `${name}.txt`), "utf8").split(/^=== /m).slice(1);
      return [name, blocks.flatMap((block) => readBlock(block, name, systems, known))];
    }),
  );
}

function readBlock(block: string, name: string, systems: readonly string[], known: Map<string, string>): Landing[] {
  const [file = "", ...lines] = block.split("\n");
  const [path = "", mode = ""] = file.split(" ");
  const text = lines.filter((line) => GUTTER.test(line)).map((line) => ({ letters: line.split("|", 1)[0]?.trim() ?? "", line: line.replace(GUTTER, "") }));
  return lines.filter((line) => !GUTTER.test(line) && line !== "").flatMap((head) => {
    const [, letter, nodes = "", some = "", elsewhere = ""] = HEAD.exec(head) ?? [];
    const content =
      letter === undefined
        ? known.get(elsewhere.replace(/^as in /, `as ${path} in `))
        : toText(text.filter(({ letters }) => letters === "" || letters.includes(letter)).map(({ line }) => line));
    if (content === undefined && elsewhere !== "secret") throw new Error(`${name}.txt names a text that is not there: ${head}`);
    const landings = landingsOf(nodes, some === EVERY ? systems : some.split(", "), { path, mode, content });
    for (const landing of landings) if (content !== undefined) known.set(`as ${path} in ${name} on ${place(landing)}`, content);
    return landings;
  });
}

function landingsOf(nodes: string, systems: readonly string[], file: Pick<Landing, "path" | "mode" | "content">): Landing[] {
  return systems.flatMap((system) =>
    (["master", "backup"] as const).filter((node) => nodes.split(" and ").includes(node)).map((node) => ({ system, node, ...file })),
  );
}

const place = (landing: Landing | undefined): string => `${landing?.node ?? ""} of ${landing?.system ?? ""}`;

/** The shell files of lib/. Golden files contain only their names, not their texts. */
function shippedScripts(): { name: string; text: string }[] {
  return readdirSync(join(REPOSITORY, "lib"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".sh"))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ name: relative(REPOSITORY, file), text: readFileSync(file, "utf8") }));
}

function grouped<T, K>(values: readonly T[], keyOf: (value: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value]);
  return groups;
}
