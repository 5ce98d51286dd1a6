import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import ts from "typescript";
import * as library from "cdktf-exchange-balancer";
import { Block, blocks, pages } from "../support/markdown";

const all = pages().flatMap(blocks);
const named = (language: RegExp): readonly [string, Block][] => all.filter((block) => language.test(block.language)).map((block) => [`${block.page}:${block.line}`, block]);

/** Declarations of names that a code block uses but does not define. The page introduces these names earlier. */
const GIVEN: Readonly<Record<string, string>> = {
  cert: "declare const cert: SslBridgeCert;",
  autodiscoverCert: "declare const autodiscoverCert: SslBridgeCert;",
  portalCert: "declare const portalCert: SslBridgeCert;",
  stack: "declare const stack: TerraformStack;",
  dag: "declare const dag: ExchangeDag;",
  exchangeOnline: "declare const exchangeOnline: string[];",
};

/**
 * Turns a block into a TypeScript file that a strict project can compile. A block with imports must import everything
 * that it uses. A block without imports becomes the body of a function, with all imports added.
 */
function asFile({ text }: Block): string {
  const imports = [...text.matchAll(/^import [^]*?;$/gm)].map(([whole]) => whole);
  const lines = imports.reduce((left, whole) => left.replace(whole, ""), text);
  // Lines out of a construct's props.
  const rest = /^\s*\w+: /.test(lines) ? `export const props: Partial<import("cdktf-exchange-balancer").ExchangeBalancerProps & import("cdktf-exchange-balancer").ExchangeDagProps> = {\n${lines}};` : lines;
  const given = Object.entries(GIVEN).filter(([name]) => new RegExp(`(?<![.\\w"'])${name}\\b(?!:)`).test(rest) && !new RegExp(`(const|let) ${name}\\b`).test(rest)).map(([, code]) => code);
  const known = Object.keys(library).filter((name) => imports.length === 0 && new RegExp(`\\b${name}\\b`).test(`${rest}${given.join()}`));
  const head = imports.length > 0
    ? [...imports, ...(given.some((code) => code.includes("TerraformStack")) ? ['import { TerraformStack } from "cdktf";'] : [])]
    : [`import { ${known.join(", ")} } from "cdktf-exchange-balancer";`, 'import { Fn, Testing, TerraformStack, TerraformOutput, Token } from "cdktf";'];
  if (rest !== lines) return [...head, ...given, rest].join("\n");
  return [...head, ...given, "export function within(this: import('constructs').Construct): void {", rest, "}"].join("\n");
}

/** The compiler's messages for each file. The files share one program, so cdktf's declarations are read only once. */
function complaints(files: ReadonlyMap<string, string>): ReadonlyMap<string, readonly string[]> {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS, moduleResolution: ts.ModuleResolutionKind.Node10, strict: true, noEmit: true,
    skipLibCheck: true, esModuleInterop: true, types: ["node", "jest"], baseUrl: resolve("."),
    paths: { "cdktf-exchange-balancer": ["lib/index.ts"], "cdktf-exchange-balancer/testing": ["lib/testing/index.ts"] },
  };
  const host = ts.createCompilerHost(options);
  const on: ts.CompilerHost = {
    ...host,
    readFile: (name) => files.get(name) ?? host.readFile(name),
    fileExists: (name) => files.has(name) || host.fileExists(name),
    getSourceFile: (name, language, ...rest) => {
      const text = files.get(name);
      return text === undefined ? host.getSourceFile(name, language, ...rest) : ts.createSourceFile(name, text, language);
    },
  };
  const program = ts.createProgram([...files.keys()], options, on);
  return new Map([...files.keys()].map((name) => {
    const source = program.getSourceFile(name);
    const found = source === undefined ? [] : [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return [name, found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))];
  }));
}

const typescript = named(/^(ts|typescript)$/);

test("every TypeScript block of README and docs compiles in a strict project", () => {
  const files = new Map(typescript.map(([where, block]) => [resolve(`test/docs/${where.replace(/\W/g, "-")}.ts`), asFile(block)]));
  expect(files.size).toBeGreaterThan(3);
  const found = complaints(files);
  expect(Object.fromEntries([...found].filter(([, messages]) => messages.length > 0))).toEqual({});
});

test("every import in a TypeScript block of README and docs is used", () => {
  for (const [where, { text }] of typescript) {
    const names = [...text.matchAll(/^import \{([^}]*)\}/gm)].flatMap(([, list = ""]) => list.split(",").map((name) => name.trim()).filter((name) => name !== ""));
    const rest = text.replace(/^import [^]*?;$/gm, "");
    expect([where, names.filter((name) => !new RegExp(`\\b${name}\\b`).test(rest))]).toEqual([where, []]);
  }
});

const shell = named(/^(sh|bash|console)$/);

test.each(shell)("the shell block at %s has valid shell syntax", (_, { text }) => {
  expect(spawnSync("bash", ["-n"], { input: text.replace(/<[A-Za-z -]+>/g, "word"), encoding: "utf8" }).stderr).toBe("");
});
