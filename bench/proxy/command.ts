import { mkdirSync, mkdtempSync, cpSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import * as path from "node:path";
import { parseArgs } from "node:util";
import { inOneOffContainer } from "../../test/lab/one-off-container";
import { benchRoot } from "../../test/lab/root-fs";
import { buildPackage } from "../../tools/package";
import { spread } from "../statistics";

interface Run { readonly round: number; readonly variant: string; readonly kind: string; readonly rate: number; readonly p99: number }

/** `npm run bench -- proxy`: what the generated bridging config costs beside one by hand, on one HAProxy in one run. */
export async function proxy(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { runs: { type: "string", default: "5" }, seconds: { type: "string", default: "4" } } });
  for (const [name, value] of Object.entries(values)) {
    if (!/^[1-9][0-9]{0,2}$/.test(value)) throw new Error(`--${name} must be an integer from 1 to 999, got "${value}"`);
  }
  buildPackage();
  const { MEMBERS_CFG, generated, variants } = await import("./configs");
  const folder = mkdtempSync(path.join(tmpdir(), "exbench-"));
  try {
    const files = generated();
    for (const name of ["files", "variants"]) mkdirSync(path.join(folder, name));
    for (const [name, text] of files) if (name.endsWith(".lst")) writeFileSync(path.join(folder, "files", path.basename(name)), text);
    writeFileSync(path.join(folder, "members.cfg"), MEMBERS_CFG);
    const configs = variants(files.get("/etc/haproxy/haproxy.cfg") ?? "");
    for (const [name, text] of configs) writeFileSync(path.join(folder, "variants", `${name}.cfg`), text);
    cpSync(path.join(__dirname, "measure.sh"), path.join(folder, "measure.sh"));
    const root = await benchRoot();
    const { stdout, stderr } = await inOneOffContainer(root, ["sh", "/bench/measure.sh", values.runs, values.seconds], {
      network: "none", throwAway: true, bindReadOnly: [`${folder}:/bench`],
    });
    const runs = stdout.trim().split("\n").map(runOf);
    if (runs.length === 0) throw new Error(`nothing was measured: ${stderr}`);
    process.stdout.write(report([...configs.keys()], runs, Number(values.runs), Number(values.seconds)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runOf(line: string): Run {
  const [round, variant = "", kind = "", rate, p99, ...errors] = line.split(" ");
  if (errors.join(" ") !== "-") throw new Error(`requests failed: ${line}`);
  if (!(Number(rate) > 0)) throw new Error(`nothing was served: ${line}`);
  return { round: Number(round), variant, kind, rate: Number(rate), p99: Number(p99) };
}

function report(names: readonly string[], runs: readonly Run[], rounds: number, seconds: number): string {
  const of = (variant: string, kind: string): Run[] => runs.filter((run) => run.variant === variant && run.kind === kind);
  const median = (values: readonly number[]): number => spread(values).median;
  const lines = [
    `proxy: HAProxy of Debian 12, ${cpus().length} x ${(cpus()[0]?.model ?? "unknown").trim()}; wrk, 32 connections, TLS on both sides, 1 kB answers`,
    `medians of ${rounds} runs of ${seconds} s, the variants in turns; a ratio is the median of the ratios within a round`,
    "",
    `${"connections".padEnd(12)}${"config".padEnd(32)}${"req/s".padStart(8)}${"p99 ms".padStart(8)}${"req/s x".padStart(9)}${"p99 x".padStart(8)}`,
  ];
  for (const kind of ["keep-alive", "new"]) {
    const base = of("by-hand", kind);
    for (const name of names) {
      const own = of(name, kind);
      const ratio = (pick: (run: Run) => number): string =>
        median(own.map((run) => pick(run) / pick(base.find(({ round }) => round === run.round) ?? run))).toFixed(2);
      lines.push(
        kind.padEnd(12) + name.padEnd(32) + median(own.map(({ rate }) => rate)).toFixed(0).padStart(8) +
          median(own.map(({ p99 }) => p99)).toFixed(1).padStart(8) + ratio(({ rate }) => rate).padStart(9) + ratio(({ p99 }) => p99).padStart(8),
      );
    }
  }
  return `${lines.join("\n")}\n`;
}
