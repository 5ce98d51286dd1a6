import { existsSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { SUITES, type Suite } from "./suites";

/** What `matrix` runs on each system; none of them names a system. */
export const MATRIX_TESTS = [
  "deploy", "failures", "leaving", "apply", "certificate", "interrupted", "rollout", "failover", "golden",
] as const;
export type MatrixTest = (typeof MATRIX_TESTS)[number];

/** The last run of one test file on one system. */
export interface MatrixRun {
  readonly suite: Suite;
  readonly test: MatrixTest;
  /** UTC. */
  readonly date: string;
  readonly commit: string;
  /** A hash of everything that a run reads, so that a commit that changes only documents outdates nothing. */
  readonly tree: string;
  readonly minutes: number;
  /** Of this machine when the run ended, for 15 minutes: many tests measure time. */
  readonly load: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** The names of the tests that failed, or why there are no results. */
  readonly failures: readonly string[];
}

/** Written by `npm run lab -- matrix` alone. */
export const MATRIX_FILE = path.resolve(__dirname, "../lab-results/matrix.json");

export function readRuns(): MatrixRun[] {
  return existsSync(MATRIX_FILE) ? (JSON.parse(readFileSync(MATRIX_FILE, "utf8")) as MatrixRun[]) : [];
}

/** Replaces the run of the same system and test. */
export function keepRun(run: MatrixRun): void {
  const order = ({ suite, test }: MatrixRun): number => SUITES.indexOf(suite) * MATRIX_TESTS.length + MATRIX_TESTS.indexOf(test);
  const others = readRuns().filter(({ suite, test }) => suite !== run.suite || test !== run.test);
  const runs = [...others, run].sort((one, other) => order(one) - order(other));
  writeFileSync(MATRIX_FILE, `[\n${runs.map((each) => `  ${JSON.stringify(each)}`).join(",\n")}\n]\n`);
}

export const isGreen = ({ passed, failed, failures }: MatrixRun): boolean => passed > 0 && failed === 0 && failures.length === 0;

/** "20/20", with the tests that a system leaves out not counted. */
export function cell(run: MatrixRun | undefined): string {
  if (run === undefined) return "not run";
  if (run.passed + run.failed === 0) return "no result";
  return `${run.passed}/${run.passed + run.failed}${isGreen(run) ? "" : " BAD"}`;
}

/** A row a test, a column a system. */
export function matrixRows(runs: readonly MatrixRun[], text: (run: MatrixRun | undefined) => string = cell): string[][] {
  return [
    ["", ...SUITES],
    ...MATRIX_TESTS.map((test) => [test, ...SUITES.map((suite) => text(runs.find((run) => run.suite === suite && run.test === test)))]),
  ];
}
