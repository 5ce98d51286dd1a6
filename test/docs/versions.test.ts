import { readFileSync } from "node:fs";
import { PACMAK } from "../../tools/bindings/pacmak";
import { RELEASES } from "../../tools/strangers/node";
import { CDKTN, CONSTRUCTS } from "../../tools/fork/source";

// README's table of what the deploying machine needs, compared with what says so elsewhere.

const text = (file: string): string => readFileSync(file, "utf8");
const json = <T>(file: string): T => JSON.parse(text(file)) as T;
interface Manifest { readonly engines: { readonly node: string }; readonly peerDependencies: Record<string, string>; readonly devDependencies: Record<string, string> }

/** The second and third cell of a row in README's table: the versions that work, and the versions that were tried. */
function row(of: string): { works: string; tried: string } {
  const [, works = "", tried = ""] = new RegExp(`^\\| ${of} \\| (.*?) \\| (.*) \\|$`, "m").exec(text("README.md")) ?? [];
  return { works, tried };
}

const own = json<Manifest>("package.json");
const minor = (version: string): string => version.split(".").slice(0, 2).join(".");

test("package.json, the CI workflow and `npm run strangers` have the same versions of Node as README", () => {
  expect(own.engines.node).toBe(`>=${row("Node").works.replace(" or newer", "")}`);
  const [, majors = ""] = /node: \[(.*)\]/.exec(text(".github/workflows/ci.yml")) ?? [];
  expect(majors).toBe("20, 22, 24");
  expect(row("Node").tried).toMatch(/^20, 22 and 24: /);
  expect(Object.keys(RELEASES)).toEqual(["22", "24"]);
});

test("package.json and the files that `init` writes have the same versions of cdktf and constructs as README", () => {
  expect(own.peerDependencies["cdktf"]).toBe(`^${row("cdktf").works}.0`);
  expect(row("cdktf").tried).toMatch(`${own.devDependencies["cdktf"]}, with constructs ${own.devDependencies["constructs"]};`);
  expect(json<{ dependencies: Record<string, string> }>("start/package.json").dependencies).toMatchObject({ cdktf: own.devDependencies["cdktf"], constructs: own.devDependencies["constructs"] });
});

test("this library's second package is built for a certain version of cdktn (the fork of cdktf), and README names this version", () => {
  expect(row("cdktn").works).toBe(minor(CDKTN));
  expect(row("cdktn").tried).toMatch(`${CDKTN}, with constructs ${CONSTRUCTS} `);
});

test("each stack requires the Terraform version that README names", () => {
  const [, least = ""] = /"required_version": ">= ([\d.]+)"/.exec(text("test/__snapshots__/examples.test.ts.snap")) ?? [];
  expect(`${minor(least)} or newer`).toBe(row("Terraform").works);
});

test("docs/python.md and README name the same version of Python", () => {
  expect(text("docs/python.md")).toContain(`You need Python ${row("Python").works}`);
});

test("docs/java-and-go.md names the same packages and versions as package.json and `npm run strangers`", () => {
  const page = text("docs/java-and-go.md");
  const { version, jsii, devDependencies: has } = json<Manifest & { readonly version: string; readonly jsii: { readonly targets: { readonly java: { readonly package: string; readonly maven: { readonly groupId: string; readonly artifactId: string } }; readonly go: { readonly moduleName: string } } } }>("package.json");
  expect(page).toContain(`npm install cdktf-exchange-balancer cdktf@${has["cdktf"]} constructs@${has["constructs"]} @cdktf/provider-null@${has["@cdktf/provider-null"]} jsii-pacmak@${PACMAK}\n`);
  const { java, go } = jsii.targets;
  expect(page).toContain(`\`${java.maven.groupId}:${java.maven.artifactId}:${version}\``);
  expect(page).toContain(`import ${java.package}.*;`);
  expect(page).toContain(`"${go.moduleName}/cdktfexchangebalancer"`);
  expect(Object.keys(jsii.targets)).toEqual(["python", "java", "go"]);
});
