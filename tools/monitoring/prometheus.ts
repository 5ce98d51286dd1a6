import { HAPROXY_JOB, OWN_JOB } from "./alerts";

/**
 * The text of prometheus.yml, which scrapes the two metrics paths of each target, /metrics/exchange and /metrics, every
 * 10 s.
 */
export function prometheusFile(targets: readonly string[], rules = "alerts.yml"): string {
  const job = (name: string, path: string): string[] => [
    `  - job_name: ${name}`,
    `    metrics_path: ${path}`,
    "    static_configs:",
    `      - targets: [${targets.map((target) => JSON.stringify(target)).join(", ")}]`,
  ];
  return [
    "# The two balancers of cdktf-exchange-balancer. With tls and a password add scheme, tls_config and basic_auth to both jobs.",
    "global:",
    "  scrape_interval: 10s",
    "  scrape_timeout: 5s",
    "  evaluation_interval: 5s",
    "rule_files:",
    `  - ${rules}`,
    "scrape_configs:",
    ...job(OWN_JOB, "/metrics/exchange"),
    ...job(HAPROXY_JOB, "/metrics"),
    "",
  ].join("\n");
}
