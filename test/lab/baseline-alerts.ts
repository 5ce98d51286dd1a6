/**
 * Alert rules that resemble common public rules for HAProxy: many client errors, many server errors, slow answers,
 * retries, a server that is not up, refused requests. A test counts how often these rules fire while Exchange works
 * normally. This project wrote the rules itself, after the model of the rules for HAProxy's exporter in
 * samber/awesome-prometheus-alerts.
 */
const HAPROXY = 'job="exchange-balancer-haproxy"';
const responses = (code: string): string => `sum by (proxy) (rate(haproxy_backend_http_responses_total{${HAPROXY}${code}}[1m]))`;
const rule = (name: string, expr: string, hold = "0s"): { name: string; expr: string; for: string; severity: "critical" | "warning"; summary: string } => ({
  name, expr, for: hold, severity: "warning", summary: name,
});

export const BASELINE = [
  rule("BaselineManyClientErrors", `${responses(',code="4xx"')} / ${responses("")} > 0.05`),
  rule("BaselineManyServerErrors", `${responses(',code="5xx"')} / ${responses("")} > 0.05`),
  rule("BaselineSlowAnswers", `max by (proxy) (haproxy_backend_response_time_average_seconds{${HAPROXY}}) > 1`),
  rule("BaselineRetries", `sum by (proxy) (rate(haproxy_backend_retry_warnings_total{${HAPROXY}}[1m])) > 0`),
  rule("BaselineServerNotUp", `haproxy_server_status{${HAPROXY},state="UP"} == 0`),
  rule("BaselineRefusedRequests", `sum by (proxy) (rate(haproxy_frontend_requests_denied_total{${HAPROXY}}[2m])) > 0`),
];
