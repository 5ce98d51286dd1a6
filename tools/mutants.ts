import { spawn, execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import * as ts from "typescript";
import { Mutation, mutationsOf, shellMutationsOf } from "./mutations";

// npm run mutants: how much of a change of lib/ do the type check and the tests notice?
// Takes a random sample of small mutations, each in a copy of the working tree, and prints
// which were killed. --count N, --seed N (printed, so that a sample can be repeated),
// --jobs N, --tests PATH (these test files alone), and paths to draw from (without any: TypeScript and awk of lib/). Shell files are
// mutated only if you name them (lib/host/apply/x.sh), because most of their faults show only on real hosts.

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { count: { type: "string", default: "100" }, seed: { type: "string" }, jobs: { type: "string", default: "2" }, tests: { type: "string", default: "" } },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e6));
const ROOT = resolve(__dirname, "..");
const TYPE_CHECK = "the type check";

interface Mutant extends Mutation {
  readonly file: string;
}

const git = (...args: string[]): string[] => execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).split("\n").filter((line) => line !== "");
const wanted = (file: string): boolean => (positionals.length === 0 ? /\.(ts|awk)$/.test(file) : positionals.some((path) => file.startsWith(path)));
const sources = git("ls-files", "-co", "--exclude-standard", "lib").filter(wanted);

function all(): Mutant[] {
  return sources.flatMap((file) => {
    const text = readFileSync(join(ROOT, file), "utf8");
    const mutations = file.endsWith(".ts") ? mutationsOf(ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true)) : shellMutationsOf(text);
    return mutations.map((mutation) => ({ ...mutation, file }));
  });
}

/** A random sample of values that depends only on the seed (mulberry32). */
function sample<T>(values: T[], count: number): T[] {
  let state = seed;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const rest = [...values];
  return Array.from({ length: Math.min(count, rest.length) }, () => rest.splice(Math.floor(random() * rest.length), 1)).flat();
}

function copyOfTree(): string {
  const folder = mkdtempSync(join(tmpdir(), "mutants-"));
  for (const file of git("ls-files", "-co", "--exclude-standard")) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(ROOT, file), join(folder, file), { verbatimSymlinks: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** A function that type-checks one file. It keeps the compiler's state, so that the check of each mutant is fast. */
function typeCheck(folder: string): (file: string) => boolean {
  const config = ts.getParsedCommandLineOfConfigFile(join(folder, "tsconfig.dev.json"), {}, { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined });
  const version = new Map<string, number>();
  const service = ts.createLanguageService({
    ...ts.sys,
    useCaseSensitiveFileNames: () => true,
    getScriptFileNames: () => (config?.fileNames ?? []).filter((name) => name.startsWith(join(folder, "lib"))),
    getScriptVersion: (name) => String(version.get(name) ?? 0),
    getScriptSnapshot: (name) => (ts.sys.fileExists(name) ? ts.ScriptSnapshot.fromString(ts.sys.readFile(name) ?? "") : undefined),
    getCurrentDirectory: () => folder,
    getCompilationSettings: () => config?.options ?? {},
    getDefaultLibFileName: ts.getDefaultLibFilePath,
  });
  return (file) => {
    const name = join(folder, file);
    version.set(name, (version.get(name) ?? 0) + 1);
    return service.getSyntacticDiagnostics(name).length + service.getSemanticDiagnostics(name).length === 0;
  };
}

/**
 * How many mutants each test file noticed. Test files in the mutant's own folder run first. Then come the files that
 * noticed most mutants.
 */
const noticed = new Map<string, number>([["/golden.test.ts", 1], ["/bad-input.test.ts", 0], ["/examples.test.ts", 0]]);

/** Kills a process and all processes that it started. With --bail, jest does not end the servers that its tests started. */
function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody is left.
  }
}

/**
 * The running test processes. Ctrl-C does not reach these processes, because each has its own process group. So the
 * handler below ends them.
 */
const running = new Set<number | undefined>();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
process.once("exit", () => running.forEach(endGroup));

interface Run {
  /** The test file that failed, or undefined if all passed. */
  readonly failed?: string;
  readonly slow: boolean;
}

/** Jest arguments that select the tests that can notice a change of a file. */
function testsFor(file: string): readonly string[] {
  // A snapshot holds the hash of every script: a script's mutants are for its fixtures alone.
  if (!file.endsWith(".ts")) return ["test/host"];
  if (values.tests !== "") return values.tests.split(",");
  // They run shell and awk, which take their time, and load nothing of lib/ but these.
  return file.startsWith("lib/host/") || file.startsWith("lib/validation/errors") ? [] : ["--testPathIgnorePatterns", "test/lab/", "test/host/apply/", "test/host/tools/"];
}

function test(folder: string, file: string, limit: number): Promise<Run> {
  const own = `/${basename(file).replace(/[.][a-z]+$/, ".test.ts")}`;
  const room = `/test/${file.split("/")[1] ?? ""}/`;
  const order = [own, room, ...[...noticed].sort(([, a], [, b]) => b - a).map(([name]) => name)];
  const args = ["--config", "test/jest.config.js", "--ci", "--bail", "--runInBand", "--silent", "--testSequencer", join(ROOT, "tools/mutants-order.js"), ...testsFor(file)];
  return new Promise((done) => {
    const child = spawn(process.execPath, [join(ROOT, "node_modules/jest/bin/jest.js"), ...args], {
      cwd: folder, env: { ...process.env, MUTANTS_ORDER: order.join(","), UPDATE_GOLDEN: "0" }, stdio: ["ignore", "ignore", "pipe"],
      // A group of its own, so that what a test has started ends with it.
      detached: true,
    });
    running.add(child.pid);
    let output = "";
    let slow = false;
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const timer = setTimeout(() => {
      slow = true;
      endGroup(child.pid);
    }, limit);
    child.on("close", (status) => {
      clearTimeout(timer);
      endGroup(child.pid);
      running.delete(child.pid);
      const failed = /^FAIL (?:\S+)?(\/[^/\s]+\.test\.ts)/m.exec(output)?.[1];
      if (failed !== undefined) noticed.set(failed, (noticed.get(failed) ?? 0) + 1);
      done({ slow, failed: slow || status === 0 ? undefined : (failed ?? "jest") });
    });
  });
}

/**
 * How many milliseconds the tests take on the unchanged tree. They must pass: a test that fails anyway would seem to
 * notice every mutant.
 */
async function untouched(files: readonly string[]): Promise<number> {
  const folder = copyOfTree();
  const started = Date.now();
  try {
    for (const file of new Map(files.map((name) => [testsFor(name).join(), name])).values()) {
      const { failed } = await test(folder, file, 3_600_000);
      if (failed !== undefined) throw new Error(`${failed} fails on the unchanged tree`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return Date.now() - started;
}

async function main(): Promise<void> {
  const started = Date.now();
  const mutants = all();
  const queue = sample(mutants, Number(values.count));
  console.log(`${queue.length} of ${mutants.length} mutants of ${sources.length} files, --seed ${seed}`);
  const ownTime = await untouched(queue.map(({ file }) => file));
  // The workers share the processors, and a machine may get busier.
  const limit = ownTime * (2 + 2 * Number(values.jobs));
  console.log(`all tests pass on the unchanged tree, in ${Math.round(ownTime / 1000)} s`);
  const survivors: string[] = [];
  let slow = 0;
  let done = 0;
  let byType = 0;
  const worker = async (): Promise<void> => {
    const folder = copyOfTree();
    try {
      const compiles = typeCheck(folder);
      for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
        const { file, start, end, replacement } = mutant;
        const text = readFileSync(join(ROOT, file), "utf8");
        writeFileSync(join(folder, file), text.slice(0, start) + replacement + text.slice(end));
        const run: Run = file.endsWith(".ts") && !compiles(file) ? { failed: TYPE_CHECK, slow: false } : await test(folder, file, limit);
        const killer = run.slow ? `did not end within ${Math.round(limit / 1000)} s` : run.failed;
        if (run.slow) slow++;
        writeFileSync(join(folder, file), text);
        const line = text.slice(0, start).split("\n").length;
        const shown = (code: string): string => JSON.stringify(code.length > 90 ? `${code.slice(0, 90)}…` : code);
        const what = `${file}:${line}  ${shown(text.slice(start, end))} -> ${shown(replacement)}`;
        if (killer === undefined) survivors.push(what);
        if (killer === TYPE_CHECK) byType++;
        console.log(`${String(++done).padStart(4)} ${killer === undefined ? "SURVIVED" : "killed  "}  ${what}${killer === undefined ? "" : `  (${killer})`}`);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, worker));
  console.log(`\n${done - survivors.length} of ${done} killed (${byType} by the type check, ${slow} by the time limit) in ${Math.round((Date.now() - started) / 1000)} s (aim: 90 of 100), --seed ${seed}`);
  if (survivors.length > 0) console.log(`Survivors:\n${survivors.map((line) => `  ${line}`).join("\n")}`);
  process.exitCode = survivors.length * 10 > done ? 1 : 0;
}

void main();
