import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { prometheusFile } from "../../tools/monitoring/prometheus";
import { rulesFile } from "../../tools/monitoring/rules";
import { BASELINE } from "./baseline-alerts";
import { inNamespace } from "./network";
import { inState } from "./paths";
import { prometheusRoot } from "./root-fs";
import { type Outcome, must, run } from "./run";
import { GATEWAY, HOSTS } from "./topology";

/** Prometheus's port on the lab's gateway. The balancers' allow list for metrics admits the gateway. */
export const PROMETHEUS_PORT = 9090;
const URL = `http://${GATEWAY}:${PROMETHEUS_PORT}`;

/** The balancers' metrics ports. */
export const TARGETS = HOSTS.filter(({ kind }) => kind === "balancer").map(({ address }) => `${address}:9101`);

export interface Firing {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Debian's Prometheus in the lab's network, with the files of monitoring/ and the common public alerts of
 * baseline-alerts.ts.
 */
export class Prometheus {
  private constructor(private readonly child: ChildProcess) {}

  /** Starts Prometheus with an empty database. */
  static async start(): Promise<Prometheus> {
    const root = await prometheusRoot();
    const work = inState("prometheus");
    rmSync(work, { recursive: true, force: true });
    mkdirSync(path.join(work, "data"), { recursive: true });
    writeFileSync(path.join(work, "prometheus.yml"), prometheusFile(TARGETS).replace("  - alerts.yml\n", "  - alerts.yml\n  - baseline.yml\n"));
    writeFileSync(path.join(work, "alerts.yml"), rulesFile());
    writeFileSync(path.join(work, "baseline.yml"), rulesFile(BASELINE).replace("name: exchange-balancer", "name: baseline"));
    const log = openSync(path.join(work, "log"), "w");
    // Its programs are the root's, its files the lab's.
    const enter = 'mount --bind "$1" "$2/mnt" && exec chroot "$2" prometheus --config.file=/mnt/prometheus.yml --storage.tsdb.path=/mnt/data "--web.listen-address=$3"';
    const argv = inNamespace(["unshare", "--mount", "sh", "-c", enter, "sh", work, root, `${GATEWAY}:${PROMETHEUS_PORT}`]);
    const child = spawn(argv[0] ?? "", argv.slice(1), { stdio: ["ignore", log, log] });
    const prometheus = new Prometheus(child);
    try {
      await prometheus.until("Prometheus has scraped both balancers", 60, async () => (await prometheus.query("count(up == 1)"))[0]?.value === 2 * TARGETS.length);
    } catch (error) {
      // Otherwise it would answer in place of the next test's Prometheus.
      await prometheus.stop();
      throw error;
    }
    return prometheus;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGTERM");
    await ended;
  }

  get ended(): Promise<void> {
    return new Promise((resolve) => this.child.once("exit", () => resolve()));
  }

  /** The alerts that fire now: this library's (`ours`), and common public ones (`baseline`). */
  async firing(): Promise<{ readonly ours: readonly Firing[]; readonly baseline: readonly Firing[] }> {
    const { alerts } = (await this.get("/api/v1/alerts")) as { alerts: { state: string; labels: Record<string, string> }[] };
    const firing = alerts.filter(({ state }) => state === "firing").map(({ labels }) => ({ name: labels["alertname"] ?? "", labels }));
    return { ours: firing.filter(({ name }) => !name.startsWith("Baseline")), baseline: firing.filter(({ name }) => name.startsWith("Baseline")) };
  }

  async query(expr: string): Promise<{ readonly labels: Record<string, string>; readonly value: number }[]> {
    const answer = (await this.get(`/api/v1/query?query=${encodeURIComponent(expr)}`)) as { result: { metric: Record<string, string>; value: [number, string] }[] };
    return answer.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  /** Returns the series of an expression over the last `seconds`, with a point every `step` seconds. */
  async range(expr: string, seconds: number, step: number): Promise<{ readonly labels: Record<string, string>; readonly points: readonly (readonly [number, number])[] }[]> {
    const end = Math.floor(Date.now() / 1000);
    const answer = (await this.get(`/api/v1/query_range?query=${encodeURIComponent(expr)}&start=${end - seconds}&end=${end}&step=${step}`)) as {
      result: { metric: Record<string, string>; values: [number, string][] }[];
    };
    return answer.result.map(({ metric, values }) => ({ labels: metric, points: values.map(([at, value]) => [at, Number(value)] as const) }));
  }

  private async get(where: string): Promise<unknown> {
    const { status, stdout } = await run(inNamespace(["curl", "-s", "--max-time", "10", `${URL}${where}`]));
    // Until Prometheus is ready, it answers with a text of its own.
    if (status !== 0 || stdout === "" || stdout === "Service Unavailable") return { alerts: [], result: [] };
    const { data, error } = JSON.parse(stdout) as { data?: unknown; error?: string };
    if (data === undefined) throw new Error(`Prometheus answers ${where} with the error: ${error}`);
    return data;
  }

  async until(what: string, seconds: number, holds: () => Promise<boolean>): Promise<number> {
    const started = Date.now();
    while (!(await holds())) {
      if (Date.now() - started > seconds * 1000) throw new Error(`Still not true after ${seconds} s: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    return (Date.now() - started) / 1000;
  }
}

/** Runs `promtool test rules` on files (name -> text). The first file is the test. */
export async function promtool(files: ReadonlyMap<string, string>): Promise<Outcome> {
  const root = await prometheusRoot();
  const work = inState("promtool");
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  for (const [name, text] of files) writeFileSync(path.join(work, name), text);
  const [test = ""] = files.keys();
  return run(["unshare", "--mount", "sh", "-c", 'mount --bind "$1" "$2/mnt" && cd / && exec chroot "$2" sh -c "cd /mnt && exec promtool test rules $3"', "sh", work, root, test], { timeout: 300 });
}

/** The text of both metrics paths of a balancer: /metrics and /metrics/exchange. */
export async function scrape(target: string): Promise<string> {
  return must(inNamespace(["curl", "-s", "--max-time", "4", `http://${target}/metrics`, "--next", "-s", "--max-time", "4", `http://${target}/metrics/exchange`]));
}
