import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { loadavg } from "node:os";
import * as path from "node:path";
import { inColumns } from "../../lib/command/in-columns";
import { buildPackage } from "../../tools/package";
import { cell, isGreen, keepRun, MATRIX_FILE, MATRIX_TESTS, matrixRows, readRuns, type MatrixRun, type MatrixTest } from "./matrix-results";
import { inCache, LAB, REPOSITORY } from "./paths";
import { must, run } from "./run";
import { say, step } from "./say";
import { SUITES, suiteOf, type Suite } from "./suites";

export interface MatrixOptions {
  readonly suites?: string | undefined;
  readonly tests?: string | undefined;
  /** The time limit for each test file on each system, in minutes; default 60. */
  readonly limit?: string | undefined;
  /** Whether to run a test file again although the present tree already has a result for it. */
  readonly again?: boolean | undefined;
  /** Whether to print only the stored results, without running a test. */
  readonly print?: boolean | undefined;
}

/** The files and folders that a run reads. */
const READ = ["lib", "examples", "tools", "test/lab", "test/golden", "test/support", "package.json", "package-lock.json"];

/**
 * Runs the test files on one system after the other. Stores each result as soon as the test file has ended, and prints
 * all results at the end. Returns the exit status.
 */
export async function matrix(options: MatrixOptions): Promise<number> {
  const suites = (options.suites?.split(",") ?? SUITES).map(suiteOf);
  const tests = (options.tests?.split(",") ?? MATRIX_TESTS).map(testOf);
  const limit = Number(options.limit ?? 60);
  if (!Number.isInteger(limit) || limit < 1) throw new Error(`--limit must be a whole number of minutes, got "${options.limit ?? ""}".`);

  const { commit, tree } = await thisTree();
  const has = (suite: Suite, test: MatrixTest): MatrixRun | undefined =>
    readRuns().find((each) => each.suite === suite && each.test === test && each.tree === tree);
  const todo = options.print === true ? [] : suites.flatMap((suite) => tests.filter((test) => options.again === true || has(suite, test) === undefined).map((test) => ({ suite, test })));
  if (todo.length > 0) buildPackage();
  let up: Suite | undefined;
  for (const [index, { suite, test }] of todo.entries()) {
    // Whatever is up may be another system's, or what a test that failed has left.
    if (up !== suite) await lab(suite, ["down"], log("down"), 10);
    up = suite;
    await step(`${index + 1} of ${todo.length}: ${test} on ${suite}, at most ${limit} min, log in ${log(`${suite}-${test}`)}`, async () => {
      keepRun({ suite, test, date: new Date().toISOString().slice(0, 16), commit, tree, ...(await once(suite, test, limit)) });
    });
    say(`${test} on ${suite}: ${cell(has(suite, test))}`);
    for (const failure of has(suite, test)?.failures ?? []) say(`    ${failure}`);
  }
  if (up !== undefined) await lab(up, ["down"], log("down"), 10);

  const mark = (each: MatrixRun | undefined): string => `${cell(each)}${each === undefined || each.tree === tree ? "" : " *"}`;
  process.stdout.write(`${inColumns(matrixRows(readRuns(), mark)).join("\n")}\n`);
  say(`Passed of all, from ${path.relative(REPOSITORY, MATRIX_FILE)}. *: on another tree than this one, ${commit}.`);
  return suites.every((suite) => tests.every((test) => { const each = has(suite, test); return each !== undefined && isGreen(each); })) ? 0 : 1;
}

function testOf(text: string): MatrixTest {
  const found = MATRIX_TESTS.find((test) => test === text);
  if (found === undefined) throw new Error(`--tests must be some of ${MATRIX_TESTS.join(",")}, got "${text}".`);
  return found;
}

/** Returns the commit and the hash of the files that a run reads. Throws if these files have uncommitted changes. */
async function thisTree(): Promise<{ commit: string; tree: string }> {
  const git = (...args: string[]): Promise<string> => must(["git", "-C", REPOSITORY, ...args]);
  const changed = (await git("status", "--porcelain", "--", ...READ)).trimEnd();
  if (changed !== "") throw new Error(`Commit first what a run reads, or its results would be of no commit:\n${changed}`);
  return {
    commit: (await git("rev-parse", "--short", "HEAD")).trim(),
    tree: createHash("sha256").update(await git("rev-parse", ...READ.map((each) => `HEAD:${each}`))).digest("hex").slice(0, 12),
  };
}

const log = (name: string): string => inCache("matrix", `${LAB}-${name}.log`);

/** Runs the lab's command line in a new process group, so that timeout(1) can end all of its processes. */
async function lab(suite: Suite, args: readonly string[], logFile: string, minutes: number): Promise<number> {
  mkdirSync(path.dirname(logFile), { recursive: true });
  const command = ["timeout", "-k", "60", `${minutes * 60}`, "node", "--import", "tsx", path.join(__dirname, "cli.ts"), ...args];
  const { status } = await run(["sh", "-c", 'log=$1; shift; exec "$@" >"$log" 2>&1', "sh", logFile, ...command], {
    cwd: REPOSITORY, env: { EXLAB_SUITE: suite, EXLAB_BUILT: "1" },
  });
  return status;
}

type Result = Pick<MatrixRun, "minutes" | "load" | "passed" | "failed" | "skipped" | "failures">;

interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

async function once(suite: Suite, test: MatrixTest, limit: number): Promise<Result> {
  const began = Date.now();
  const report = inCache("matrix", `${LAB}-${suite}-${test}.json`);
  rmSync(report, { force: true });
  const status = await lab(suite, ["test", `/${test}.lab`, "--json", `--outputFile=${report}`], log(`${suite}-${test}`), limit);
  const common = { minutes: Math.round((Date.now() - began) / 60_000), load: Math.round(loadavg()[2] ?? 0) };
  if (!existsSync(report)) {
    const why = status === 124 || status === 137 ? `stopped after ${limit} min` : `ended with status ${status} before any test`;
    return { ...common, passed: 0, failed: 0, skipped: 0, failures: [why] };
  }
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(readFileSync(report, "utf8")) as JestReport;
  const failures = testResults.flatMap(({ message, assertionResults }) => {
    const names = assertionResults.filter(({ status: word }) => word === "failed").map(({ fullName }) => fullName);
    // A file that does not load has no tests, and a message.
    return names.length === 0 && assertionResults.length === 0 ? [message.split("\n")[0] ?? ""] : names;
  });
  return { ...common, passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests, failures };
}
