import { readdirSync } from "node:fs";
import { join } from "node:path";
import * as ts from "typescript";

const LIB = join(__dirname, "..", "..", "lib");
const files = readdirSync(LIB, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
const sources = files.map((file) => ts.createSourceFile(file, ts.sys.readFile(join(LIB, file)) ?? "", ts.ScriptTarget.ES2022, true));
const exported = new Set([...(ts.sys.readFile(join(LIB, "index.ts")) ?? "").matchAll(/\w+/g)].map(([word]) => word));

/** Structs that users only read, so their values need no check. */
const GIVEN = ["KnownAttackEntry", "TakeoverTimes", "HostFile", "HostFiles"];

function every<T>(pick: (node: ts.Node, source: ts.SourceFile) => T | undefined): T[] {
  return sources.flatMap((source) => {
    const found: T[] = [];
    const visit = (node: ts.Node): void => {
      const one = pick(node, source);
      if (one !== undefined) found.push(one);
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  });
}

/** The declaration of each struct's `Shape` constant, by the name of the struct. */
const tables = new Map(
  every((node) => (ts.isVariableDeclaration(node) && node.type !== undefined ? ([/^Shape<(\w+)>$/.exec(node.type.getText())?.[1] ?? "", node] as const) : undefined)),
);
const structs = every((node) => (ts.isInterfaceDeclaration(node) && exported.has(node.name.text) ? node.name.text : undefined)).filter((name) => !GIVEN.includes(name));

test("the public API has more than 25 structs", () => expect(structs.length).toBeGreaterThan(25));

test.each(structs)("the struct %s has a Shape, the table of the values that its keys may have", (name) => expect([...tables.keys()]).toContain(name));

test.each(structs)("the Shape of the struct %s is used in a check, directly or inside another Shape", (name) => {
  const table = tables.get(name)?.name.getText() ?? "";
  const own = new RegExp(`\\b${table}\\b`);
  const uses = sources.flatMap((source) => source.text.split("\n")).filter((line) => own.test(line) && !line.startsWith("import ") && !line.startsWith("export {"));
  // The first is where it stands.
  expect(uses.length).toBeGreaterThan(1);
});
