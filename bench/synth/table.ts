import { spread } from "../statistics";
import { table as lines } from "../table";
import { Comparison } from "./compare";
import { Run } from "./run-child";

const HEAD = ["stack", "library ms", "plain ms", "ratio", "min..max", "cpu ratio", "library MB", "plain MB", "cdk.tf.json kB", "aim"];

/**
 * A table with one row for each scenario: the medians of both sides, and the ratios. For each turn, a ratio divides the
 * figure of the library's run by the figure of the plain side's run.
 */
export function table(comparisons: readonly Comparison[]): string {
  return lines(HEAD, comparisons.map(row)).join("\n");
}

function row({ scenario, library, plain, bytes }: Comparison): readonly string[] {
  const ratio = spread(ratios(library, plain, ({ wallMs }) => wallMs));
  const cpu = spread(ratios(library, plain, ({ cpuMs }) => cpuMs));
  return [
    scenario.title,
    spread(library.map(({ wallMs }) => wallMs)).median.toFixed(0),
    spread(plain.map(({ wallMs }) => wallMs)).median.toFixed(0),
    ratio.median.toFixed(2),
    `${ratio.min.toFixed(2)}..${ratio.max.toFixed(2)}`,
    cpu.median.toFixed(2),
    megabytes(library),
    megabytes(plain),
    (bytes / 1000).toFixed(1),
    scenario.aim === undefined ? "" : `${scenario.aim} ${ratio.median <= scenario.aim ? "met" : "MISSED"}`,
  ];
}

function megabytes(runs: readonly Run[]): string {
  return (spread(runs.map(({ peakKb }) => peakKb)).median / 1024).toFixed(0);
}

function ratios(library: readonly Run[], plain: readonly Run[], of: (run: Run) => number): readonly number[] {
  return library.map((run, turn) => of(run) / of(plain[turn] ?? run));
}
