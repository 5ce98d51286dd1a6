import { mkdirSync, mkdtempSync, cpSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import * as path from "node:path";
import { parseArgs } from "node:util";
import { inOneOffContainer } from "../../test/lab/one-off-container";
import { benchRoot } from "../../test/lab/root-fs";
import { buildPackage } from "../../tools/package";
import { spread } from "../statistics";
import { heldConnections } from "./held";
import type { Variant } from "./configs";

interface Run {
  readonly round: number;
  readonly variant: string;
  readonly kind: string;
  /** Requests a second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p99: number;
  /** Microseconds of the balancer's own processor time for a request. */
  readonly cpu: number;
}

/** The aim for the generated config: at least this share of the hand-written config's requests, at most this multiple of its p99. */
const AIM = { rate: 0.95, p99: 1.1 };

/** `npm run bench -- proxy`: compares the generated bridging config with a hand-written one, on one HAProxy in one run. */
export async function proxy(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { runs: { type: "string", default: "5" }, seconds: { type: "string", default: "4" }, only: { type: "string" }, held: { type: "string" } } });
  if (values.held !== undefined) {
    const counts = values.held.split(",").map(Number);
    if (!counts.every((count, at) => Number.isInteger(count) && count > (counts[at - 1] ?? 0) && count <= 100_000)) throw new Error(`--held must be rising numbers of connections up to 100000, such as 1000,10000,20000, got "${values.held}"`);
    await heldConnections(counts, values.only === undefined ? undefined : new RegExp(values.only));
    return;
  }
  for (const [name, value] of Object.entries({ runs: values.runs, seconds: values.seconds })) {
    if (!/^[1-9][0-9]{0,2}$/.test(value)) throw new Error(`--${name} must be an integer from 1 to 999, got "${value}"`);
  }
  buildPackage();
  const { MEMBERS_CFG, generated, variants } = await import("./configs");
  const folder = mkdtempSync(path.join(tmpdir(), "exbench-"));
  try {
    const files = generated();
    const monitored = generated({ monitored: true });
    for (const name of ["files", "variants"]) mkdirSync(path.join(folder, name));
    for (const [name, text] of monitored) if (/\.lst$|\.lua$|rsyslog\.d/.test(name)) writeFileSync(path.join(folder, "files", path.basename(name)), text);
    writeFileSync(path.join(folder, "members.cfg"), MEMBERS_CFG);
    const configs = variants(files.get("/etc/haproxy/haproxy.cfg") ?? "", monitored.get("/etc/haproxy/haproxy.cfg") ?? "");
    const only = values.only === undefined ? undefined : new RegExp(values.only);
    for (const [name, { cfg }] of configs) if (only?.test(name) ?? true) writeFileSync(path.join(folder, "variants", `${name}.cfg`), cfg);
    cpSync(path.join(__dirname, "measure.sh"), path.join(folder, "measure.sh"));
    const root = await benchRoot();
    const { stdout, stderr } = await inOneOffContainer(root, ["sh", "/bench/measure.sh", values.runs, values.seconds], {
      network: "none", throwAway: true, bindReadOnly: [`${folder}:/bench`],
    });
    const runs = stdout.trim().split("\n").map(runOf);
    if (runs.length === 0) throw new Error(`nothing was measured: ${stderr}`);
    process.stdout.write(report(configs, runs, Number(values.runs), Number(values.seconds)));
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

const HEAD = ["connections", "config", "req/s", "p99 ms", "cpu us", "of", "req/s x", "p99 x", "cpu x", "aim"];

function report(configs: ReadonlyMap<string, Variant>, runs: readonly Run[], rounds: number, seconds: number): string {
  const rows = ["keep-alive", "new"].flatMap((kind) => [...configs].flatMap(([name, { against }]) => {
    const of = (variant: string): Run[] => runs.filter((run) => run.variant === variant && run.kind === kind);
    const own = of(name);
    const median = (pick: (run: Run) => number): number => spread(own.map(pick)).median;
    const figures = [median(({ rate }) => rate).toFixed(0), median(({ p99 }) => p99).toFixed(1), median(({ cpu }) => cpu).toFixed(1)];
    if (own.length === 0) return [];
    if (against.length === 0) return [[kind, name, ...figures]];
    return against.filter(({ name: other }) => of(other).length > 0).map(({ name: other, aim }, index) => {
      const base = of(other);
      const ratio = (pick: (run: Run) => number): number =>
        spread(own.map((run) => pick(run) / pick(base.find(({ round }) => round === run.round) ?? run))).median;
      const [rate, p99, cpu] = [ratio((run) => run.rate), ratio((run) => run.p99), ratio((run) => run.cpu)];
      const met = rate >= AIM.rate && p99 <= AIM.p99 ? "met" : "missed";
      return [...(index === 0 ? [kind, name, ...figures] : ["", "", "", "", ""]), other, rate.toFixed(2), p99.toFixed(2), cpu.toFixed(2), aim === true ? met : ""];
    });
  }));
  const widths = HEAD.map((head, column) => Math.max(head.length, ...rows.map((row) => (row[column] ?? "").length)));
  const text = (row: readonly string[]): string =>
    row.map((cell, column) => ([0, 1, 5].includes(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ").trimEnd();
  return [
    `proxy: HAProxy of Debian 12, ${cpus().length} x ${(cpus()[0]?.model ?? "unknown").trim()}; wrk, 32 connections, TLS on both sides, 1 kB answers`,
    `medians of ${rounds} runs of ${seconds} s, the variants in turns; a ratio is the median of the ratios within a round`,
    `cpu: of the balancer alone, for a request; aim: at least ${AIM.rate} x req/s and at most ${AIM.p99} x p99`,
    "",
    text(HEAD), widths.map((width) => "-".repeat(width)).join("  "), ...rows.map(text),
  ].join("\n") + "\n";
}
