import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { Assembly } from "@jsii/spec";
import { must } from "../../test/lab/run";
import { RELEASED, releasedText } from "../api/released";

/** The version of cdktn, the fork of cdktf that is still released. */
export const CDKTN = "0.24.0";
/** The version of the package `constructs` that is installed with cdktn. */
export const CONSTRUCTS = "10.6.0";

const PEERS = { cdktn: `^${CDKTN}`, constructs: ">=10.6.0 <10.8.0" };

/**
 * The package's name for each framework. The fork has the cdktn name only in texts that users type. Hosts, ids and state
 * keep the cdktf name, so that a stack can move to cdktn.
 */
const NAME = { cdktf: "cdktf-exchange-balancer", cdktn: "cdktn-exchange-balancer" };

/** Files that the fork does not get: they build the fork, or they are about both packages. */
const OURS: readonly string[] = ["node_modules", "tools/fork/", "tools/strangers/", "test/docs/versions.test.ts", "package-lock.json"];

/**
 * Writes this repository's source for cdktn into an empty folder. The written source has other imports and peer
 * dependencies, and its own null_resource, because there is no `@cdktn/provider-null`.
 */
export async function forkSource(into: string): Promise<void> {
  const files = (await must(["git", "ls-files", "--cached", "--others", "--exclude-standard"])).split("\n").filter((file) => file !== "");
  for (const file of files) {
    if (OURS.some((ours) => file.startsWith(ours))) continue;
    mkdirSync(dirname(join(into, file)), { recursive: true });
    if (file === "package.json") writeFileSync(join(into, file), packageJson(readFileSync(file, "utf8")));
    else if (file === "start/package.json") writeFileSync(join(into, file), startPackageJson(readFileSync(file, "utf8")));
    else if (file === RELEASED) writeFileSync(join(into, file), released(readFileSync(file, "utf8")));
    else if (/\.(ts|js|json|md)$/.test(file)) writeFileSync(join(into, file), forked(file, readFileSync(file, "utf8")));
    else cpSync(file, join(into, file));
  }
  mkdirSync(join(into, NULL));
  for (const one of ["resource", "provider"]) writeFileSync(join(into, NULL, `${one}.ts`), forked(NULL, readFileSync(`tools/fork/null-${one}.ts`, "utf8")));
}

const NULL = "lib/delivery/null";

/**
 * Replaces the framework's name in imports and in texts that users type. All other text stays unchanged, above all the
 * text that hosts get.
 */
function forked(file: string, text: string): string {
  const toNull = `./${relative(dirname(file), NULL)}`.replace("./..", "..");
  return text
    .replace(/from "@cdktf\/provider-null\/lib\/(resource|provider)"/g, (_, one: string) => `from "${toNull}/${one}"`)
    .replace(/((?:from|import|require(?:\.resolve)?\(|mock\()\s?)"cdktf"/g, '$1"cdktn"')
    .replace(/"cdktf-exchange-balancer(\/testing)?"/g, (_, testing = "") => `"${NAME.cdktn}${testing as string}"`)
    .replace(/\^cdktf-exchange-balancer/g, `^${NAME.cdktn}`)
    .replace(/npx cdktf(?= |`)/g, "npx cdktn");
}

/** The text of the released API with cdktn's names instead of cdktf's. */
function released(text: string): string {
  const own = JSON.parse(text, (_, value: unknown) => (typeof value === "string" ? value.replace(/^cdktf(?=[.-])/, "cdktn") : value)) as Assembly;
  const names = <T>(of: Record<string, T> = {}): Record<string, T> => Object.fromEntries(Object.entries(without(of, "@cdktf/provider-null")).map(([name, value]) => [name.replace(/^cdktf\b/, "cdktn"), value]));
  return releasedText({ ...own, dependencies: { ...names(own.dependencies), ...PEERS }, dependencyClosure: names(own.dependencyClosure), types: names(own.types) });
}

interface Manifest {
  name: string;
  description: string;
  keywords: string[];
  bin: Record<string, string>;
  jsii: { targets: object };
  peerDependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  [other: string]: unknown;
}

function packageJson(text: string): string {
  const whole = JSON.parse(text) as Manifest;
  const made: Manifest = {
    ...whole,
    name: NAME.cdktn,
    description: whole.description.replace("CDKTF", "CDKTN"),
    keywords: ["cdktn", ...whole.keywords],
    // Command texts name the first package, so that users who move need not change their scripts.
    bin: { ...whole.bin, [NAME.cdktn]: Object.values(whole.bin)[0] ?? "" },
    // Nobody has tried cdktn's packages for other languages.
    jsii: { ...whole.jsii, targets: {} },
    peerDependencies: PEERS,
    devDependencies: { ...without(whole.devDependencies, "@cdktf/provider-null", "cdktf"), cdktn: CDKTN, constructs: CONSTRUCTS },
  };
  return `${JSON.stringify(made, undefined, 2)}\n`;
}

function without<T extends object>(whole: T, ...names: readonly string[]): T {
  return Object.fromEntries(Object.entries(whole).filter(([name]) => !names.includes(name))) as T;
}

interface Start {
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  [other: string]: unknown;
}

function startPackageJson(text: string): string {
  const whole = JSON.parse(text) as Start;
  const made: Start = {
    // The override concerns cdktf-cli's terminal package.
    ...without(whole, "overrides"),
    // cdktn-cli asks for it.
    engines: { node: ">=22.19.0" },
    scripts: Object.fromEntries(Object.entries(whole.scripts).map(([name, line]) => [name, line.replace(/^cdktf /, "cdktn ")])),
    dependencies: { cdktn: CDKTN, [NAME.cdktn]: whole.dependencies[NAME.cdktf] ?? "", constructs: CONSTRUCTS },
    devDependencies: { ...without(whole.devDependencies, "cdktf-cli"), "cdktn-cli": CDKTN },
  };
  return `${JSON.stringify(made, undefined, 2)}\n`;
}
