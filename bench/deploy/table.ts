import { spread } from "../statistics";
import { table as tableLines } from "../table";
import type { Measured } from "./measure";

/** The runs of one contender in one case, one for each round. */
export interface Line {
  readonly contender: string;
  readonly runs: readonly Measured[];
  /**
   * The contender with which this one is compared, and its runs in the same rounds. In each round, this contender's time
   * is divided by the other's. `aim` is the largest allowed median of these ratios.
   */
  readonly against?: { readonly contender: string; readonly runs: readonly Measured[]; readonly aim?: number };
}

export interface Case {
  readonly title: string;
  readonly lines: readonly Line[];
}

const HEAD = ["", "s", "min..max", "ssh connections", "kB sent", "kB received", "ratio", "min..max", "of", "aim"];

export function table(cases: readonly Case[]): string {
  const rows = cases.flatMap(({ title, lines }) => [[title], ...lines.map((line) => [`  ${line.contender}`, ...cells(line)])]);
  return tableLines(HEAD, rows).join("\n");
}

function cells({ runs, against }: Line): string[] {
  const of = (figure: (run: Measured) => number): number => spread(runs.map(figure)).median;
  const seconds = spread(runs.map((run) => run.seconds));
  const connections = of((run) => run.connections);
  const logins = of((run) => run.logins);
  const own = [
    seconds.median.toFixed(1),
    `${seconds.min.toFixed(1)}..${seconds.max.toFixed(1)}`,
    connections === logins ? String(connections) : `${connections} (${logins} logins)`,
    (of((run) => run.sent) / 1000).toFixed(1),
    (of((run) => run.received) / 1000).toFixed(1),
  ];
  if (against === undefined) return own;
  const ratio = spread(runs.map((run, round) => run.seconds / (against.runs[round]?.seconds ?? NaN)));
  const aim = against.aim === undefined ? "" : `${against.aim} ${ratio.median <= against.aim ? "met" : "missed"}`;
  return [...own, ratio.median.toFixed(2), `${ratio.min.toFixed(2)}..${ratio.max.toFixed(2)}`, against.contender, aim];
}
