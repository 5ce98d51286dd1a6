import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { thirdPartyText } from "../../tools/third-party";

const root = mkdtempSync(join(tmpdir(), "third-party-"));
afterAll(() => { rmSync(root, { recursive: true }); });

/** Creates a package in this folder. `text` is the name of its licence file; "" means that it has no licence file. */
function installed(folder: string, manifest: object, text = "LICENSE"): void {
  const at = join(root, folder);
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, "package.json"), JSON.stringify(manifest));
  if (text !== "") writeFileSync(join(at, text), "text");
}

beforeEach(() => {
  rmSync(root, { recursive: true });
  installed(".", { bundledDependencies: ["@one/box"] });
  installed("node_modules/@one/box", { version: "1.0.0", license: "MIT", dependencies: { lid: "2" } });
});

test("THIRD-PARTY.md lists bundled packages and their dependencies, with each version that is shipped", () => {
  installed("node_modules/@one/box", { version: "1.0.0", license: "MIT", dependencies: { lid: "2", hinge: "1" } });
  installed("node_modules/hinge", { version: "1.5.0", license: "ISC", dependencies: { lid: "1" } }, "COPYING.txt");
  installed("node_modules/hinge/node_modules/lid", { version: "1.9.0", license: "0BSD" });
  installed("node_modules/lid", { version: "2.1.0", license: "BSD-3-Clause", dependencies: { "@one/box": "1" } });
  installed("node_modules/another", { version: "1.0.0", license: "GPL-3.0" });
  expect(thirdPartyText(root).split("\n").filter((line) => line.includes("node_modules"))).toEqual([
    "| @one/box | 1.0.0 | MIT | node_modules/@one/box/LICENSE |",
    "| hinge | 1.5.0 | ISC | node_modules/hinge/COPYING.txt |",
    "| lid | 1.9.0 | 0BSD | node_modules/hinge/node_modules/lid/LICENSE |",
    "| lid | 2.1.0 | BSD-3-Clause | node_modules/lid/LICENSE |",
  ]);
});

test.each<[string, object, string, string]>([
  ["with a licence that is not allowed", { version: "2.0.0", license: "GPL-3.0" }, "LICENSE", "lid is bundled, and its licence is GPL-3.0; known to fit are "],
  ["that states no licence", { version: "2.0.0" }, "LICENSE", "lid is bundled, and its licence is not stated; "],
  ["that has no licence file", { version: "2.0.0", license: "MIT" }, "", "lid is bundled, and comes without the text of its licence"],
])("the generator of THIRD-PARTY.md refuses a bundled package %s", (_, manifest, text, message) => {
  installed("node_modules/lid", manifest, text);
  expect(() => thirdPartyText(root)).toThrow(message);
});

test("the generator of THIRD-PARTY.md refuses a bundled package that is not installed", () => {
  expect(() => thirdPartyText(root)).toThrow("lid is to be bundled and is not installed");
});
