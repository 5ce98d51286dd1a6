import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { init } from "../../lib/command/init";
import { MailStack } from "../../start/mail-stack";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "init-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Package {
  readonly name: string;
  readonly version: string;
  readonly dependencies: { readonly [name: string]: string };
  readonly devDependencies: { readonly [name: string]: string };
}
const packageIn = (at: string): Package => JSON.parse(readFileSync(join(at, "package.json"), "utf8")) as Package;

test("the command `init` writes a project that requires this version of the package", () => {
  const project = join(folder, "Post & Mail");
  init([project], () => undefined);
  expect(readdirSync(project).sort()).toEqual([".gitignore", "cdktf.json", "mail-stack.test.ts", "mail-stack.ts", "main.ts", "package.json", "tsconfig.json"]);
  expect(packageIn(project).name).toBe("post-mail");
  expect(packageIn(project).dependencies["cdktf-exchange-balancer"]).toBe(`^${packageIn(".").version}`);
});

test("with --package, the command `init` writes a project that gets this package from the given source", () => {
  init([folder, "--package", 'file:/tmp/a "b".tgz'], () => undefined);
  expect(packageIn(folder).dependencies["cdktf-exchange-balancer"]).toBe('file:/tmp/a "b".tgz');
});

test("the command `init` writes no file if one of the files that it would write already exists", () => {
  writeFileSync(join(folder, "main.ts"), "mine");
  expect(() => init([folder], () => undefined)).toThrow(`${join(folder, "main.ts")} already exists, and is not overwritten`);
  expect(readdirSync(folder)).toEqual(["main.ts"]);
});

test("the .gitignore of a new project excludes keys, and files that contain keys", () => {
  const ignored = readFileSync("start/gitignore", "utf8").split("\n");
  for (const pattern of ["*.pem", "*.key", "*.pfx", "*.tfstate", "*.tfvars", "node_modules/", "cdktf.out/"]) expect(ignored).toContain(pattern);
});

test("a new project requires the versions of cdktf, constructs and the tools with which this package is tested", () => {
  const { dependencies, devDependencies } = packageIn("start");
  const ours = packageIn(".").devDependencies;
  for (const name of ["cdktf", "constructs", "@cdktf/provider-null"]) expect([name, dependencies[name]]).toEqual([name, ours[name]]);
  for (const name of ["typescript", "@types/node", "@types/jest", "jest", "tsx"]) expect([name, devDependencies[name]]).toEqual([name, ours[name]]);
});

test("synthesis of a new project refuses the placeholder for the host key, and the message says that the value is a placeholder", () => {
  expect(() => new MailStack(new App(), "mail")).toThrow(
    'got "PUT HERE all lines that ssh-keyscan 10.12.8.11 prints", a placeholder (replace it with the output of `ssh-keyscan HOST`) [mail/Mail/Master]',
  );
});
