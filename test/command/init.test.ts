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

test("the command init writes a project that requires this version of the package", () => {
  const project = join(folder, "Post & Mail");
  init([project], () => undefined);
  expect(readdirSync(project).sort()).toEqual([".gitignore", "cdktf.json", "mail-stack.test.ts", "mail-stack.ts", "main.ts", "package.json", "tsconfig.json"]);
  expect(packageIn(project).name).toBe("post-mail");
  expect(packageIn(project).dependencies["cdktf-exchange-balancer"]).toBe(`^${packageIn(".").version}`);
});

test("the command init writes a project that requires another package if --package is given", () => {
  init([folder, "--package", 'file:/tmp/a "b".tgz'], () => undefined);
  expect(packageIn(folder).dependencies["cdktf-exchange-balancer"]).toBe('file:/tmp/a "b".tgz');
});

test("the command init writes no file if one of its files exists", () => {
  writeFileSync(join(folder, "main.ts"), "mine");
  expect(() => init([folder], () => undefined)).toThrow(`${join(folder, "main.ts")} already exists, and is not overwritten`);
  expect(readdirSync(folder)).toEqual(["main.ts"]);
});

test("the project's .gitignore excludes keys, and files that contain keys", () => {
  const ignored = readFileSync("start/gitignore", "utf8").split("\n");
  for (const pattern of ["*.pem", "*.key", "*.pfx", "*.tfstate", "*.tfvars", "node_modules/", "cdktf.out/"]) expect(ignored).toContain(pattern);
});

test("the project has the versions of cdktf and constructs with which this package is tested", () => {
  const { dependencies, devDependencies } = packageIn("start");
  const ours = packageIn(".").devDependencies;
  for (const name of ["cdktf", "constructs", "@cdktf/provider-null"]) expect([name, dependencies[name]]).toEqual([name, ours[name]]);
  for (const name of ["typescript", "@types/node", "@types/jest", "jest", "tsx"]) expect([name, devDependencies[name]]).toEqual([name, ours[name]]);
});

test("synthesis refuses the placeholder for a host key, and the message says that the value is a placeholder", () => {
  expect(() => new MailStack(new App(), "mail")).toThrow(
    'got "PUT HERE all lines that ssh-keyscan 10.12.8.11 prints", a placeholder (replace it with the output of `ssh-keyscan HOST`) [mail/Mail/Master]',
  );
});
