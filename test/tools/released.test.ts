import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Assembly, ClassType, EnumType, InterfaceType } from "@jsii/spec";
import { breakingChanges } from "../../tools/api/check";
import { RELEASED, releasedPackage, releasedText } from "../../tools/api/released";

const scratch = mkdtempSync(join(tmpdir(), "released-"));
afterAll(() => { rmSync(scratch, { recursive: true }); });

interface Types {
  readonly Balance: EnumType;
  readonly Duration: ClassType;
  readonly DagMember: InterfaceType;
  readonly ClientLimits: InterfaceType;
}

/** The breaking changes that jsii-diff reports if `change` is applied to the released API. */
function changed(folder: string, change: (types: Types) => void): readonly string[] {
  const assembly = JSON.parse(readFileSync(RELEASED, "utf8")) as Assembly;
  const types = Object.fromEntries(Object.entries(assembly.types ?? {}).map(([name, type]) => [name.slice(name.indexOf(".") + 1), type]));
  change(types as unknown as Types);
  return breakingChanges(join(scratch, `${folder}-released`), releasedPackage(join(scratch, folder), JSON.stringify(assembly)));
}

test("a removed name, a changed type, and an optional prop that becomes required are breaking changes", () => {
  const said = changed("breaking", ({ Balance, Duration, DagMember, ClientLimits }) => {
    Balance.members.pop();
    Duration.methods?.splice(Duration.methods.findIndex(({ name }) => name === "hours"), 1);
    for (const prop of DagMember.properties ?? []) if (prop.name === "backup") delete (prop as { optional?: true }).optional;
    for (const prop of ClientLimits.properties ?? []) if (prop.name === "connections") (prop as { type: object }).type = { primitive: "string" };
  });
  expect(said.map((line) => line.replace(/: type of property .*/, "")).sort()).toEqual([
    "ENUM VALUE Balance.SOURCE: member SOURCE has been removed",
    "IFACE ClientLimits: property connections, number is not assignable to string",
    "IFACE DagMember: newly required property 'backup' used to be optional",
    "METHOD Duration.hours: has been removed",
  ]);
});

test("a new method and a new optional prop are not breaking changes", () => {
  expect(changed("additions", ({ Duration, DagMember }) => {
    const [method] = Duration.methods ?? [];
    const prop = DagMember.properties?.find(({ name }) => name === "backup");
    if (method === undefined || prop === undefined) throw new Error("no method, no prop");
    Duration.methods?.push({ ...method, name: "fortnights" });
    DagMember.properties?.push({ ...prop, name: "spare" });
  })).toEqual([]);
});

test("the file of the released API contains no docstrings and no line numbers, so that it changes only if a type changes", () => {
  const text = readFileSync(RELEASED, "utf8");
  expect(text).not.toMatch(/"(summary|remarks|locationInModule)"/);
  expect(releasedText(JSON.parse(text) as Assembly)).toBe(text);
});
