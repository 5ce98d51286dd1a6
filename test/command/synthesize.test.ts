import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { synthesize } from "../../lib/command/synthesize";

const home = process.cwd();
const folder = mkdtempSync(join(tmpdir(), "synthesize-"));
beforeEach(() => { process.chdir(folder); });
afterEach(() => { process.chdir(home); });
afterAll(() => { rmSync(folder, { recursive: true }); });

/** Synthesizes an app with stacks of these names. Returns the names of the stacks that synthesize() returns. */
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

test("synthesize() returns the app's stacks sorted by name, without stacks that an earlier synthesis left in cdktf.out", () => {
  expect(stacksOf("south", "north")).toEqual(["north", "south"]);
  expect(stacksOf("west")).toEqual(["west"]);
  expect(existsSync("cdktf.out/stacks/north/cdk.tf.json")).toBe(true);
});

test("if the app fails, synthesize() throws an error that contains the app's command", () => {
  writeFileSync("cdktf.json", JSON.stringify({ app: "exit 3", language: "typescript" }));
  expect(() => synthesize(join(folder, "notes"))).toThrow("the app did not synthesize (exit 3). Its output is above");
});
