import { cpus } from "node:os";
import { spread } from "../statistics";
import { Run, measured } from "./container";
import { table } from "../table";

/** A border proxy may delay a request at most this many times as long as a plain HAProxy does. */
const AIM = 1.2;

/** Measures how much time a border proxy adds to a request, and how much a plain HAProxy in its place adds. */
export async function border(rounds: number, seconds: number): Promise<string> {
  const { MEMBERS_CFG, generatedBorder, hops } = await import("./configs");
  const files = generatedBorder();
  const cfg = (of: ReadonlyMap<string, string>): string => of.get("/etc/haproxy/haproxy.cfg") ?? "";
  const runs = await measured({
    background: new Map([["members", MEMBERS_CFG], ["inner", cfg(files.inner)]]),
    variants: hops(cfg(files.border)),
    files: [files.inner, files.border],
    rounds, seconds,
    // One request at a time: what a request takes is then the time between two.
    connections: 1,
  });
  return report(runs, rounds, seconds);
}

const HEAD = ["connections", "before the balancer", "us", "added us", "cpu us", "added x", "cpu x", "aim"];

function report(runs: readonly Run[], rounds: number, seconds: number): string {
  const rows = ["keep-alive", "new"].flatMap((kind) => {
    const at = (variant: string, round: number): Run => {
      const run = runs.find((one) => one.variant === variant && one.kind === kind && one.round === round);
      if (run === undefined) throw new Error(`round ${round} of ${variant} with ${kind} is missing`);
      return run;
    };
    const median = (pick: (round: number) => number): number => spread(Array.from({ length: rounds }, (_, index) => pick(index + 1))).median;
    const takes = ({ rate }: Run): number => 1e6 / rate;
    const adds = (variant: string) => (round: number): number => takes(at(variant, round)) - takes(at("none", round));
    const time = median((round) => adds("border")(round) / adds("plain")(round));
    const cpu = median((round) => at("border", round).cpu / at("plain", round).cpu);
    return ["none", "plain", "border"].map((variant, index) => [
      index === 0 ? kind : "",
      { none: "nothing", plain: "a plain HAProxy", border: "the border proxy" }[variant] ?? variant,
      median((round) => takes(at(variant, round))).toFixed(0),
      ...(variant === "none" ? [] : [median(adds(variant)).toFixed(0), median((round) => at(variant, round).cpu).toFixed(0)]),
      ...(variant === "border" ? [time.toFixed(2), cpu.toFixed(2), `${AIM} ${time <= AIM ? "met" : "missed"}`] : []),
    ]);
  });
  return [
    `border: HAProxy of Debian 12, ${cpus().length} x ${(cpus()[0]?.model ?? "unknown").trim()}; wrk, one connection, TLS on all sides, 1 kB answers`,
    `medians of ${rounds} runs of ${seconds} s, the variants in turns; us: time for a request; cpu: processor time for a request, only of the proxy before the balancer`,
    `added us, x: medians of the differences and ratios within a round, so they do not follow from the other columns; aim: the border proxy adds at most ${AIM} times what a plain HAProxy adds`,
    "",
    ...table(HEAD, rows, [0, 1]),
  ].join("\n") + "\n";
}
