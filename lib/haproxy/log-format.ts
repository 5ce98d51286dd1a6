/**
 * The formats of HAProxy's log lines: `name=value` pairs with spaces between them, for people and for programs. Values
 * from the client are in quotes, with quotes and backslashes escaped, and come last.
 * docs/log.md has each field.
 */

/** The variable that holds the name of the rule that refused a request; see `refusal`. */
const RULE = "txn.rule";

/**
 * The lines that keep the request headers Host and User-Agent for the log. The lines `declare capture` are used, because
 * HAProxy 1.8.0 does not start with `capture … len`.
 */
export const HTTP_CAPTURES: readonly string[] = [
  "declare capture request len 128",
  "declare capture request len 256",
  "http-request capture req.fhdr(host) id 0",
  "http-request capture req.fhdr(user-agent) id 1",
];

/** If an ambiguous request is refused, this line writes the reason into the log field `rule`. */
export const REFUSED = `http-request set-var(${RULE}) var(txn.refused) if { var(txn.refused) -m found }`;

/**
 * The lines for a guard that has stored the name of a rule in the variable `found`. If the variable is set, the first
 * line copies the name to the log field `rule`. If `counted` is true, the metrics port also counts the refusal.
 */
export function noteRule(found: string, counted: boolean): readonly string[] {
  const condition = `if { var(${found}) -m found }`;
  return [`http-request set-var(${RULE}) var(${found}) ${condition}`, ...(counted ? [`http-request lua.exchange_balancer_refused ${condition}`] : [])];
}

const COMMON = "client=%ci:%cp frontend=%f backend=%b member=%s";
const ENDING = "bytes_out=%B bytes_in=%U end=%ts connections=%ac/%fc/%bc/%sc/%rc queue=%sq/%bq";

/**
 * The log format of a frontend in HTTP mode.
 *
 * @param bridge true if the frontend decrypts TLS and checks paths; false for the redirect on port 80 in TCP mode
 * @param refuses whether the frontend has rules that refuse requests
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

/** The log format of a frontend in TCP mode, where HAProxy forwards connections without reading them. */
export function tcpLogFormat(refuses: boolean): string {
  return quoted([COMMON, "time_queue=%Tw time_connect=%Tc time_total=%Tt", ENDING, ...(refuses ? [`rule=%[var(${RULE})]`] : [])].join(" "));
}

function quoted(format: string): string {
  return `log-format '${format}'`;
}

/**
 * Returns two lines. The first line stores the rule's name `what` for the log. The second line is `line`, which refuses
 * the request. The names of the rules are in docs/log.md.
 */
export function refusal(what: string, line: string): readonly string[] {
  return [`${actionOf(line)} set-var(${RULE}) str(${what})`, line];
}

/**
 * The line after the last rule: it clears the rule's name. If HAProxy reaches this line, no rule has refused the
 * request.
 */
export const PASSED = `http-request unset-var(${RULE})`;

function actionOf(line: string): string {
  return line.startsWith("tcp-request content") ? "tcp-request content" : "http-request";
}
