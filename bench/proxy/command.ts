import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { buildPackage } from "../../tools/package";
import { spread } from "../statistics";
import { border } from "./border";
import type { Variant } from "./configs";
import { Run, measured } from "./container";
import { heldConnections } from "./held";
import { table } from "../table";

/**
 * The aims for the generated config. Its request rate must be at least `rate` times the rate of the hand-written
 * config. Its 99th percentile of the response time must be at most `p99` times that of the hand-written config.
 */
const AIM = { rate: 0.95, p99: 1.1 };

/**
 * `npm run bench -- proxy`: compares the generated bridging config with a hand-written one, and a border proxy with a
 * plain HAProxy.
 */
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
  const [rounds, seconds] = [Number(values.runs), Number(values.seconds)];
  const only = values.only === undefined ? undefined : new RegExp(values.only);
  if (only === undefined || !only.test("border")) process.stdout.write(`${await balancer(rounds, seconds, only)}\n`);
  if (only?.test("border") ?? true) process.stdout.write(await border(rounds, seconds));
}

async function balancer(rounds: number, seconds: number, only: RegExp | undefined): Promise<string> {
  const { MEMBERS_CFG, generated, variants } = await import("./configs");
  const monitored = generated({ monitored: true });
  const configs = variants(generated().get("/etc/haproxy/haproxy.cfg") ?? "", monitored.get("/etc/haproxy/haproxy.cfg") ?? "");
  const runs = await measured({
    background: new Map([["members", MEMBERS_CFG]]),
    variants: new Map([...configs].filter(([name]) => only?.test(name) ?? true).map(([name, { cfg }]) => [name, cfg])),
    files: [monitored],
    rounds, seconds, connections: 32,
  });
  return report(configs, runs, rounds, seconds);
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
  return [
    `proxy: HAProxy of Debian 12, ${cpus().length} x ${(cpus()[0]?.model ?? "unknown").trim()}; wrk, 32 connections, TLS on both sides, 1 kB answers`,
    `medians of ${rounds} runs of ${seconds} s, the variants in turns; a ratio is the median of the ratios within a round`,
    `cpu: of the balancer alone, for a request; aim: at least ${AIM.rate} x req/s and at most ${AIM.p99} x p99`,
    "",
    ...table(HEAD, rows, [0, 1, 5]),
  ].join("\n") + "\n";
}
