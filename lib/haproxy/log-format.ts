/**
 * The formats of HAProxy's log lines: `name=value` pairs with spaces between them, for people and for programs. Values
 * from the client are in quotes, with quotes and backslashes escaped, and come last.
 * docs/log.md has each field.
 */

/** The variable with the name of the rule that refused a request; see `refusal`. */
const RULE = "txn.rule";

/**
 * The request headers that are kept for the log. They are declared, because HAProxy 1.8.0 does not start with `capture
 * … len`.
 */
export const HTTP_CAPTURES: readonly string[] = [
  "declare capture request len 128",
  "declare capture request len 256",
  "http-request capture req.fhdr(host) id 0",
  "http-request capture req.fhdr(user-agent) id 1",
];

/** Stores in the log field `rule` why an ambiguous request is refused. */
export const REFUSED = `http-request set-var(${RULE}) var(txn.refused) if { var(txn.refused) -m found }`;

/** Stores in the log field `rule` what a guard has found, if anything. `counted`: the metrics port counts it. */
export function noteRule(found: string, counted: boolean): readonly string[] {
  const condition = `if { var(${found}) -m found }`;
  return [`http-request set-var(${RULE}) var(${found}) ${condition}`, ...(counted ? [`http-request lua.exchange_balancer_refused ${condition}`] : [])];
}

const COMMON = "client=%ci:%cp frontend=%f backend=%b member=%s";
const ENDING = "bytes_out=%B bytes_in=%U end=%ts connections=%ac/%fc/%bc/%sc/%rc queue=%sq/%bq";

/**
 * The log format for HTTP. `bridge`: TLS ends at this frontend, and paths are checked. Without `bridge`, the frontend
 * is the redirect of TCP mode, and `refuses` says whether this frontend has rules that refuse requests.
 */
export function httpLogFormat(bridge: boolean, refuses = bridge): string {
  return quoted(
    [
      COMMON,
      "status=%ST",
      "time_request=%TR time_queue=%Tw time_connect=%Tc time_response=%Tr time_total=%Ta",
      ENDING,
      ...(bridge ? ["tls=%sslv cipher=%sslc"] : []),
      ...(refuses ? [`rule=%[var(${RULE})]`] : []),
      ...(bridge ? [`directory=%{+Q,+E}[var(txn.directory)]`] : []),
      "method=%HM",
      ...(bridge ? ["host=%{+Q,+E}[capture.req.hdr(0)]", "agent=%{+Q,+E}[capture.req.hdr(1)]"] : []),
      "uri=%{+Q,+E}HU",
    ].join(" "),
  );
}

/** The log format for connections that HAProxy passes on unread. */
export function tcpLogFormat(refuses: boolean): string {
  return quoted([COMMON, "time_queue=%Tw time_connect=%Tc time_total=%Tt", ENDING, ...(refuses ? [`rule=%[var(${RULE})]`] : [])].join(" "));
}

function quoted(format: string): string {
  return `log-format '${format}'`;
}

/**
 * Two lines: the first stores the rule's name for the log, and the second refuses the request. `what` is the name, a
 * word from docs/log.md.
 */
export function refusal(what: string, line: string): readonly string[] {
  return [`${actionOf(line)} set-var(${RULE}) str(${what})`, line];
}

/** The line after the last rule. If HAProxy reaches it, no rule has refused the request. */
export const PASSED = `http-request unset-var(${RULE})`;

function actionOf(line: string): string {
  return line.startsWith("tcp-request content") ? "tcp-request content" : "http-request";
}
