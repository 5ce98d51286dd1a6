import { arch, cpus, totalmem, type } from "node:os";
import { parseArgs } from "node:util";
import { spread } from "../statistics";
import { Comparison, compare } from "./compare";
import { growth } from "./growth";
import { SCENARIOS } from "./scenarios";
import { table } from "./table";
import { Workshop, buildFault } from "./workshop";

const USAGE = "usage: npm run bench -- synth [--runs N]   (N: counted runs of each side, default 5)";

/** `npm run bench -- synth`: compares the library with plain cdktf. */
export function synth(args: readonly string[]): void {
  const runs = runsOf(args);
  const fault = buildFault();
  if (fault === "missing") throw new Error("dist/ is missing, and this bench measures dist/. Run: npm run build");
  if (fault !== undefined) process.stderr.write(`dist/ is ${fault}: the figures are those of the last npm run build\n`);

  const workshop = new Workshop();
  try {
    const comparisons = SCENARIOS.map((scenario) => {
      process.stderr.write(`${scenario.title} ... `);
      const comparison = compare(workshop, scenario, runs);
      process.stderr.write("done\n");
      return comparison;
    });
    process.stdout.write(`${describe(runs)}\n\n${table(comparisons)}\n\n${growth(comparisons)}\n${reading(comparisons)}\n`);
  } finally {
    workshop.remove();
  }
}

function runsOf(args: readonly string[]): number {
  const { runs } = parseArgs({ args: [...args], options: { runs: { type: "string", default: "5" } } }).values;
  if (!/^[1-9][0-9]{0,3}$/.test(runs)) throw new Error(`--runs must be an integer from 1 to 9999, got "${runs}"\n${USAGE}`);
  return Number(runs);
}

function describe(runs: number): string {
  const processors = cpus();
  return [
    `synth: node ${process.versions.node} on ${type()} ${arch()}, ${processors.length} x ${(processors[0]?.model ?? "unknown").trim()}, ${Math.round(totalmem() / 2 ** 30)} GB`,
    `medians of ${runs} runs for each side, in turns, after one run that is not counted; each run is a separate process "node file.js"`,
    "both sides write the same cdk.tf.json, byte for byte; all pairs of a row are in one stack",
  ].join("\n");
}

/**
 * A line with the time that the plain side takes to read its texts from a file. The library does not read these texts
 * from a file: it renders them.
 */
function reading(comparisons: readonly Comparison[]): string {
  const each = comparisons
    .filter(({ scenario }) => scenario.pairs > 0)
    .map(({ scenario, plain }) => `${spread(plain.map(({ readingMs }) => readingMs)).median.toFixed(0)} ms (${scenario.title})`);
  return `plain spends this much of its time on reading its texts from a file: ${each.join(", ")}`;
}
