import { ALERTS } from "../../tools/monitoring/alerts";
import { HAPROXY_JOB, OWN_JOB } from "../../tools/monitoring/alerts";
import { BASELINE } from "./baseline-alerts";
import { scrape } from "./prometheus";

/** The names of all metrics that an alert rule uses. */
const WANTED = new Set([...ALERTS, ...BASELINE].flatMap(({ expr }) => expr.match(/\b(haproxy|exchange_balancer)_[a-z_]+\b/g) ?? []));

/**
 * A recording of the balancers' metrics. promtool replays the samples at a longer interval, so that a short recording
 * stands for a longer time.
 */
export class Recording {
  private readonly series = new Map<string, (number | undefined)[]>();
  private taken = 0;
  /** When each sample was taken. */
  private readonly times: number[] = [];
  private readonly began = Date.now() / 1000;

  constructor(private readonly targets: readonly string[]) {}

  /** Takes one sample of the metrics of all balancers. */
  async take(): Promise<void> {
    this.times.push(Date.now() / 1000);
    const texts = await Promise.all(this.targets.map(async (target) => [target, await scrape(target).catch(() => undefined)] as const));
    for (const [target, text] of texts) {
      for (const job of [OWN_JOB, HAPROXY_JOB]) this.add(`up{job="${job}",instance="${target}"}`, text === undefined ? 0 : 1);
      for (const line of (text ?? "").split("\n")) {
        const [, name = "", labels = "", value = ""] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
        if (!WANTED.has(name)) continue;
        const job = name.startsWith("haproxy_") ? HAPROXY_JOB : OWN_JOB;
        this.add(`${name}{job="${job}",instance="${target}"${labels === "" ? "" : `,${labels}`}}`, Number(value));
      }
    }
    this.taken++;
  }

  private add(key: string, value: number): void {
    const values = this.series.get(key) ?? [];
    this.series.set(key, values);
    values[this.taken] = value;
  }

  get length(): number {
    return this.taken;
  }

  /**
   * A promtool test that replays the samples `interval` seconds apart, and checks every minute that no alert in `alerts` fires.
   * If a metric's value is a point in time, the value is converted (shifted and stretched) to the time of the replay.
   */
  asTest(files: readonly string[], alerts: string, interval: number, seconds: number): string {
    const stretch = (interval * this.taken) / seconds;
    const value = (key: string, one: number | undefined, index: number): string => {
      if (one === undefined || Number.isNaN(one)) return "_";
      // How old a look is, is the same in fast motion.
      if (key.startsWith("exchange_balancer_collected_")) return String(Math.round(index * interval - ((this.times[index] ?? 0) - one)));
      if (!/^[a-z_]+timestamp_seconds|^haproxy_process_start_time_seconds/.test(key)) return String(one);
      const since = one - this.began;
      return String(since > 0 && since < 3600 ? Math.round(since * stretch) : Math.round(since));
    };
    const input = [...this.series].map(([series, values]) => ({
      series,
      values: Array.from({ length: this.taken }, (_, index) => value(series, values[index], index)).join(" "),
    }));
    const minutes = Math.floor((interval * this.taken) / 60);
    return JSON.stringify({
      rule_files: files,
      evaluation_interval: "10s",
      tests: [
        {
          interval: `${interval}s`,
          input_series: input,
          promql_expr_test: Array.from({ length: minutes }, (_, minute) => ({
            expr: `count by (alertname) (max_over_time(ALERTS{alertstate="firing",alertname=~"${alerts}"}[1m]))`,
            eval_time: `${minute + 1}m`,
            exp_samples: [],
          })),
        },
      ],
    });
  }
}
