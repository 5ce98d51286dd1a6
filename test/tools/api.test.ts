import { Assembly } from "@jsii/spec";
import { apiOf } from "../../tools/api/assembly";
import { exampleFiles } from "../../tools/api/examples";
import { groupsOf } from "../../tools/api/groups";
import { apiReference } from "../../tools/api/render";

/**
 * A small jsii assembly. It has a construct, the construct's props, a class of choices that is the type of one prop,
 * and two enums.
 */
function assembly(): Assembly {
  const fqn = (name: string): string => `lib.${name}`;
  const types = [
    { name: "Shelf", kind: "class", base: "constructs.Construct", docs: { summary: "Holds boxes.", example: "new Shelf(this, { box: Box.of(1) });" }, initializer: { parameters: [{ name: "props", type: { fqn: fqn("ShelfProps") } }] } },
    { name: "ShelfProps", kind: "interface", datatype: true, docs: { summary: "Properties of `Shelf`." }, interfaces: [fqn("Common")], properties: [{ name: "box", type: { fqn: fqn("Box") }, docs: { summary: "What `Box.of` makes", default: "Box.of(1) - see docs/failover.md" } }] },
    { name: "Common", kind: "interface", datatype: true, properties: [{ name: "color", optional: true, type: { fqn: fqn("Color") } }] },
    { name: "Box", kind: "class", docs: { summary: "A box.", example: "const box = Box.of(1);" }, methods: [{ name: "of", static: true, docs: { custom: { throws: "if `size` is below 1" } }, parameters: [{ name: "size", type: { primitive: "number" } }], returns: { type: { fqn: fqn("Box") } } }] },
    { name: "Color", kind: "enum", members: [{ name: "RED", docs: { summary: "Red.", stability: "experimental" } }] },
    { name: "Alone", kind: "enum", members: [] },
  ];
  return { types: Object.fromEntries(types.map((type) => [fqn(type.name), { ...type, fqn: fqn(type.name), assembly: "lib" }])) } as unknown as Assembly;
}

test("docs/api.md has each type in one group: the group of the construct that uses the type, or the last group", () => {
  expect(groupsOf(apiOf(assembly()))).toEqual([
    { title: "Shelf", types: ["Shelf", "ShelfProps", "Common", "Color", "Box"] },
    { title: "Used everywhere", types: ["Alone"] },
  ]);
});

test("docs/api.md links the names of types, members and pages, and renders defaults, inherited props and @throws", () => {
  const text = apiReference(apiOf(assembly()));
  expect(text).toContain("Properties of [`Shelf`](#shelf).");
  expect(text).toContain("What [`Box.of`](#box.of) makes");
  expect(text).toContain("Default: [`Box.of(1)`](#box.of) - see [docs/failover.md](failover.md)");
  expect(text).toContain("- <a id=\"shelfprops.box\"></a>**`box`: [`Box`](#box)**");
  expect(text).toContain("From [Common](#common): [color?](#common.color)");
  expect(text).toContain("Throws if `size` is below 1.");
  expect(text).not.toContain("experimental");
});

test("the generator of docs/api.md refuses a class without an example", () => {
  const api = new Map(apiOf(assembly()));
  const box = api.get("Box");
  if (box === undefined) throw new Error("no Box");
  api.set("Box", { ...box, docs: { summary: "A box." } });
  expect(() => apiReference(api)).toThrow("These need an @example in their docstring: Box");
});

test("the generator of docs/api.md writes each example into a separate file that imports the whole API", () => {
  const files = exampleFiles(apiOf(assembly()), "lib");
  expect([...files.keys()]).toEqual(["Shelf.Shelf.ts", "Box.Box.ts"]);
  expect(files.get("Box.Box.ts")).toContain('import { Shelf, ShelfProps, Common, Box, Color, Alone } from "lib";');
  expect(files.get("Box.Box.ts")).toContain("const box = Box.of(1);");
});
