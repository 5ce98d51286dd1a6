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

/** What jsii-diff says of the released API, changed so. */
function changed(folder: string, change: (types: Types) => void): readonly string[] {
  const assembly = JSON.parse(readFileSync(RELEASED, "utf8")) as Assembly;
  const types = Object.fromEntries(Object.entries(assembly.types ?? {}).map(([name, type]) => [name.slice(name.indexOf(".") + 1), type]));
  change(types as unknown as Types);
  return breakingChanges(join(scratch, `${folder}-released`), releasedPackage(join(scratch, folder), JSON.stringify(assembly)));
}

test("a removed name, a changed type and a prop that became required break apps", () => {
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

test("a new method and a new optional prop break no apps", () => {
  expect(changed("additions", ({ Duration, DagMember }) => {
    const [method] = Duration.methods ?? [];
    const prop = DagMember.properties?.find(({ name }) => name === "backup");
    if (method === undefined || prop === undefined) throw new Error("no method, no prop");
    Duration.methods?.push({ ...method, name: "fortnights" });
    DagMember.properties?.push({ ...prop, name: "spare" });
  })).toEqual([]);
});

test("the stored text of the released API has no docstrings and no line numbers, so that only a changed type changes the text", () => {
  const text = readFileSync(RELEASED, "utf8");
  expect(text).not.toMatch(/"(summary|remarks|locationInModule)"/);
  expect(releasedText(JSON.parse(text) as Assembly)).toBe(text);
});
