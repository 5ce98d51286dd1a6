import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { synthesize } from "../../lib/command/synthesize";

const home = process.cwd();
const folder = mkdtempSync(join(tmpdir(), "synthesize-"));
beforeEach(() => { process.chdir(folder); });
afterEach(() => { process.chdir(home); });
afterAll(() => { rmSync(folder, { recursive: true }); });

/** The stacks of an app that has these. */
function stacksOf(...names: readonly string[]): readonly string[] {
  writeFileSync("app.js", `const { App, TerraformStack } = require(${JSON.stringify(require.resolve("cdktf"))});
const app = new App();
for (const name of ${JSON.stringify(names)}) new TerraformStack(app, name);
app.synth();`);
  writeFileSync("cdktf.json", JSON.stringify({ app: "node app.js", language: "typescript" }));
  return synthesize(join(folder, "notes")).map(({ name, synthesized }) => {
    expect(JSON.parse(synthesized)).toHaveProperty(["//", "metadata", "stackName"], name);
    return name;
  });
}

test("the stacks of an app are read in the order of their names, without a stack that the app no longer has", () => {
  expect(stacksOf("south", "north")).toEqual(["north", "south"]);
  expect(stacksOf("west")).toEqual(["west"]);
  expect(existsSync("cdktf.out/stacks/north/cdk.tf.json")).toBe(true);
});

test("an app that does not synthesize is an error with its command", () => {
  writeFileSync("cdktf.json", JSON.stringify({ app: "exit 3", language: "typescript" }));
  expect(() => synthesize(join(folder, "notes"))).toThrow("the app did not synthesize (exit 3). Its output is above");
});
