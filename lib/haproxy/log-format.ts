/**
 * The lines in HAProxy's log: `name=value` with a space between two, so that a person can read them and a program can cut
 * them up. What a client sends stands in quotes, with quotes and backslashes escaped, and comes last.
 * docs/log.md has each field.
 */

/** Holds the name of the rule that refused a request; see `refusal`. */
const RULE = "txn.rule";

/** What a log line of HTTP is told of a request. Declared, not `capture … len`: HAProxy 1.8.0 starts with the former alone. */
export const HTTP_CAPTURES: readonly string[] = [
  "declare capture request len 128",
  "declare capture request len 256",
  "http-request capture req.fhdr(host) id 0",
  "http-request capture req.fhdr(user-agent) id 1",
];

/** Notes as the rule what was found wrong with a request that cannot be read in one way alone. */
export const REFUSED = `http-request set-var(${RULE}) var(txn.refused) if { var(txn.refused) -m found }`;

/** Notes as the rule what a guard has found, if it has found anything. `counted`: the metrics port counts it. */
export function noteRule(found: string, counted: boolean): readonly string[] {
  const condition = `if { var(${found}) -m found }`;
  return [`http-request set-var(${RULE}) var(${found}) ${condition}`, ...(counted ? [`http-request lua.exchange_balancer_refused ${condition}`] : [])];
}

const COMMON = "client=%ci:%cp frontend=%f backend=%b member=%s";
const ENDING = "bytes_out=%B bytes_in=%U end=%ts connections=%ac/%fc/%bc/%sc/%rc queue=%sq/%bq";

/** `bridge`: TLS ended here, and a path was judged. Else it is the redirect of TCP mode, where `refuses` says whether a rule may. */
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

/** Connections that pass through unread. */
export function tcpLogFormat(refuses: boolean): string {
  return quoted([COMMON, "time_queue=%Tw time_connect=%Tc time_total=%Tt", ENDING, ...(refuses ? [`rule=%[var(${RULE})]`] : [])].join(" "));
}

function quoted(format: string): string {
  return `log-format '${format}'`;
}

/** A line that refuses, preceded by one that notes which rule it is. `what` is a word of docs/log.md. */
export function refusal(what: string, line: string): readonly string[] {
  return [`${actionOf(line)} set-var(${RULE}) str(${what})`, line];
}

/** After the last rule: who came through was refused by none. */
export const PASSED = `http-request unset-var(${RULE})`;

function actionOf(line: string): string {
  return line.startsWith("tcp-request content") ? "tcp-request content" : "http-request";
}
