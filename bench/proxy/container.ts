import { mkdirSync, mkdtempSync, cpSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { inOneOffContainer } from "../../test/lab/one-off-container";
import { benchRoot } from "../../test/lab/root-fs";

export interface Run {
  readonly round: number;
  readonly variant: string;
  readonly kind: string;
  /** Requests per second. */
  readonly rate: number;
  /** The 99th percentile of the response time, in milliseconds. */
  readonly p99: number;
  /** Processor time of the measured HAProxy for each request, in microseconds. */
  readonly cpu: number;
}

export interface Experiment {
  /** Configurations that run all the time, by name. */
  readonly background: ReadonlyMap<string, string>;
  /** Configurations that are measured, by name. */
  readonly variants: ReadonlyMap<string, string>;
  /** The files that the library generated for hosts. The configurations read some of these files. */
  readonly files: readonly ReadonlyMap<string, string>[];
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
}

/** Measures variants of haproxy.cfg in turns, in a separate container without a network. */
export async function measured({ background, variants, files, rounds, seconds, connections }: Experiment): Promise<readonly Run[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "exbench-"));
  try {
    for (const name of ["files", "background", "variants"]) mkdirSync(path.join(folder, name));
    for (const [name, text] of files.flatMap((some) => [...some])) {
      if (/\.(lst|lua|http)$|rsyslog\.d/.test(name)) writeFileSync(path.join(folder, "files", path.basename(name)), text);
    }
    for (const [name, cfg] of background) writeFileSync(path.join(folder, "background", `${name}.cfg`), cfg);
    for (const [name, cfg] of variants) writeFileSync(path.join(folder, "variants", `${name}.cfg`), cfg);
    cpSync(path.join(__dirname, "measure.sh"), path.join(folder, "measure.sh"));
    const root = await benchRoot();
    const { stdout, stderr } = await inOneOffContainer(root, ["sh", "/bench/measure.sh", String(rounds), String(seconds), String(connections)], {
      network: "none", throwAway: true, bindReadOnly: [`${folder}:/bench`],
    });
    const runs = stdout.trim().split("\n").map(runOf);
    if (runs.length === 0) throw new Error(`nothing was measured: ${stderr}`);
    return runs;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runOf(line: string): Run {
  const [round, variant = "", kind = "", rate, p99, cpu, ...errors] = line.split(" ");
  if (errors.join(" ") !== "-") throw new Error(`requests failed: ${line}`);
  if (!(Number(rate) > 0)) throw new Error(`nothing was served: ${line}`);
  return { round: Number(round), variant, kind, rate: Number(rate), p99: Number(p99), cpu: Number(cpu) };
}
