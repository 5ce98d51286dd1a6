import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { exampleFiles } from "./api/examples";
import { readApi } from "./api/read";
import { bin, step } from "./run";
import { THIRD_PARTY } from "./third-party";

/** The package's name in a consumer's node_modules. */
const NAME = "cdktf-exchange-balancer";

/**
 * Packs the package and installs it as a consumer would: only its packed files, with its peer dependencies beside it.
 * Then type-checks every example in examples/ and in docstrings against the installed package.
 */
export function asConsumer(scratch: string): void {
  const project = join(scratch, "consumer");
  const modules = join(project, "node_modules");
  mkdirSync(join(modules, NAME), { recursive: true });
  step("packing the package", ["npm", "pack", "--silent", "--pack-destination", scratch]);
  const tarball = readdirSync(scratch).find((file) => file.endsWith(".tgz")) ?? "";
  step("installing it as a consumer", ["tar", "-xzf", join(scratch, tarball), "--strip-components=1", "-C", join(modules, NAME)]);
  const listed = [...readFileSync(join(modules, NAME, THIRD_PARTY), "utf8").matchAll(/node_modules\/[^\s,]+/g)].map(([text]) => text);
  const missing = listed.filter((text) => !existsSync(join(modules, NAME, text)));
  if (listed.length === 0 || missing.length > 0) throw new Error(`${THIRD_PARTY} names ${listed.length} texts of licences; not packed: ${missing.join(", ")}`);
  const { peerDependencies, bin: commands } = JSON.parse(readFileSync("package.json", "utf8")) as {
    peerDependencies: object;
    bin: { [name: string]: string };
  };
  for (const name of [...Object.keys(peerDependencies), "@types/node"]) {
    mkdirSync(join(modules, name, ".."), { recursive: true });
    symlinkSync(resolve("node_modules", name), join(modules, name));
  }
  // Its libraries come with it (bundledDependencies), so it needs nothing from this project's node_modules.
  step("running the package's command as a consumer", [
    process.execPath, join(modules, NAME, commands[NAME] ?? ""), "cert", "ca", "--common-name", "Consumer", "--out", join(scratch, "ca"),
  ]);
  cpSync("examples", join(project, "examples"), { recursive: true });
  writeFileSync(
    join(project, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: { target: "ES2022", module: "Node16", moduleResolution: "Node16", strict: true, noEmit: true, skipLibCheck: true, types: ["node"] },
      include: ["examples", "docstrings", "testing.ts"],
    }),
  );
  writeFileSync(
    join(project, "testing.ts"),
    `import { hostFiles } from "${NAME}/testing";\nexport const first: string | undefined = hostFiles("{}")[0]?.host;\n`,
  );
  mkdirSync(join(project, "docstrings"));
  for (const [file, text] of exampleFiles(readApi(), NAME)) writeFileSync(join(project, "docstrings", file), text);
  step("type check of the examples and of the docstrings' examples as a consumer", [bin("tsc"), "-p", project]);
  step("type check with the resolution that cdktf init sets up", [bin("tsc"), "-p", project, "--module", "CommonJS", "--moduleResolution", "node10"]);
  // Synthesis reads the shell files, so they must be in the package, too.
  step("synthesizing an example as a consumer", [
    process.execPath,
    "--import",
    require.resolve("tsx"),
    "-e",
    `process.chdir(${JSON.stringify(project)}); const { App } = require(${JSON.stringify(resolve("node_modules/cdktf"))});` +
      `const { ShortestStack } = require(${JSON.stringify(join(project, "examples/shortest/main.ts"))});` +
      `const app = new App(); new ShortestStack(app, "shortest"); app.synth();`,
  ]);
}
