import { existsSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { SUITES, type Suite } from "./suites";

/** The test files that `matrix` runs on each system. Each of them works on every system. */
export const MATRIX_TESTS = [
  "deploy", "failures", "leaving", "apply", "certificate", "interrupted", "rollout", "failover", "golden",
] as const;
export type MatrixTest = (typeof MATRIX_TESTS)[number];

/** The last run of one test file on one system. */
export interface MatrixRun {
  readonly suite: Suite;
  readonly test: MatrixTest;
  /** The start of the run in UTC, such as 2026-01-31T12:00. */
  readonly date: string;
  readonly commit: string;
  /** A hash of all files that a run reads. So results stay valid after a commit that changes only documents. */
  readonly tree: string;
  readonly minutes: number;
  /** This machine's load average over 15 minutes at the end of the run. It matters because many tests measure time. */
  readonly load: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** The names of the failed tests, or the reason why there are no results. */
  readonly failures: readonly string[];
}

/** The file with the results. Only `npm run lab -- matrix` writes it. */
export const MATRIX_FILE = path.resolve(__dirname, "../lab-results/matrix.json");

export function readRuns(): MatrixRun[] {
  return existsSync(MATRIX_FILE) ? (JSON.parse(readFileSync(MATRIX_FILE, "utf8")) as MatrixRun[]) : [];
}

/** Stores a run in place of the earlier run of the same system and test file. */
export function keepRun(run: MatrixRun): void {
  const order = ({ suite, test }: MatrixRun): number => SUITES.indexOf(suite) * MATRIX_TESTS.length + MATRIX_TESTS.indexOf(test);
  const others = readRuns().filter(({ suite, test }) => suite !== run.suite || test !== run.test);
  const runs = [...others, run].sort((one, other) => order(one) - order(other));
  writeFileSync(MATRIX_FILE, `[\n${runs.map((each) => `  ${JSON.stringify(each)}`).join(",\n")}\n]\n`);
}

export const isGreen = ({ passed, failed, failures }: MatrixRun): boolean => passed > 0 && failed === 0 && failures.length === 0;

/**
 * The result as text. For example, "20/20" means that 20 tests passed of 20 that ran; skipped tests are not counted.
 */
export function cell(run: MatrixRun | undefined): string {
  if (run === undefined) return "not run";
  if (run.passed + run.failed === 0) return "no result";
  return `${run.passed}/${run.passed + run.failed}${isGreen(run) ? "" : " BAD"}`;
}

/** The results as a table, with a row for each test file and a column for each system. */
export function matrixRows(runs: readonly MatrixRun[], text: (run: MatrixRun | undefined) => string = cell): string[][] {
  return [
    ["", ...SUITES],
    ...MATRIX_TESTS.map((test) => [test, ...SUITES.map((suite) => text(runs.find((run) => run.suite === suite && run.test === test)))]),
  ];
}
