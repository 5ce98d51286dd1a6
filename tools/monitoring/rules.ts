import { Alert, ALERTS, Sample } from "./alerts";

/** The text of a Prometheus rules file. It may contain JSON strings, because a JSON string is also a YAML string. */
export function rulesFile(alerts: readonly Pick<Alert, "name" | "expr" | "for" | "severity" | "summary">[] = ALERTS): string {
  const text = JSON.stringify;
  return [
    "# Written by cdktf-exchange-balancer (tools/monitoring/alerts.ts). Each summary says what to do.",
    "groups:",
    "  - name: exchange-balancer",
    "    rules:",
    ...alerts.flatMap((alert) => [
      `      - alert: ${alert.name}`,
      `        expr: ${text(alert.expr)}`,
      `        for: ${alert.for}`,
      "        labels:",
      `          severity: ${alert.severity}`,
      "        annotations:",
      `          summary: ${text(alert.summary)}`,
    ]),
    "",
  ].join("\n");
}

/** The input of `promtool test rules`: for each alert, a series that makes it fire and a series that must not make any alert fire. */
export function rulesTest(rulesPath: string): string {
  const series = (given: readonly Sample[]): object[] => given.map(({ series: name, values }) => ({ series: name, values }));
  const tests = ALERTS.flatMap((alert) => [
    {
      name: `${alert.name} fires`,
      interval: "10s",
      input_series: series(alert.fires.given),
      alert_rule_test: [{ eval_time: alert.fires.at ?? "2m", alertname: alert.name, exp_alerts: [expected(alert)] }],
    },
    {
      name: `${alert.name} is silent: ${alert.silent.because}`,
      interval: "10s",
      input_series: series(alert.silent.given),
      // At any time, because an alert that fires only for a moment also wakes somebody.
      alert_rule_test: Array.from({ length: 8 }, (_, index) => ({ eval_time: `${(index + 1) * 30}s`, alertname: alert.name, exp_alerts: [] })).concat(
        alert.silent.at === undefined ? [] : [{ eval_time: alert.silent.at, alertname: alert.name, exp_alerts: [] }],
      ),
    },
  ]);
  return JSON.stringify({ rule_files: [rulesPath], evaluation_interval: "10s", tests }, null, 1);
}

function expected(alert: Alert): object {
  const labels = { ...alert.fires.labels, job: alert.expr.includes('job="exchange-balancer-haproxy"') ? "exchange-balancer-haproxy" : "exchange-balancer" };
  const summary = alert.summary.replace(/\{\{ \$labels\.([a-z_]+) \}\}/g, (_, name: string) => (labels as Record<string, string>)[name] ?? "");
  return { exp_labels: { severity: alert.severity, ...labels }, exp_annotations: { summary } };
}
