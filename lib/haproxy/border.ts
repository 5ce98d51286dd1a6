import { PASSED, refusal } from "./log-format";
import { BorderAccessModel, BorderPortModel, GrantModel, InnerModel, PathPartModel } from "./model";
import { Block, linesOfWords } from "./section";
import { HaproxyFeatures } from "./versions";

/** The bind line for border proxies. `rest` has the further words of the line, such as `ssl crt FILE`. */
export function borderBind(border: BorderPortModel | undefined, rest: string): readonly string[] {
  return border === undefined ? [] : [`bind *:${border.port} accept-proxy${rest}`];
}

export function httpsBorderPort(border: BorderAccessModel | undefined): BorderPortModel | undefined {
  return border === undefined ? undefined : { addresses: border.addresses, port: border.httpsPort };
}

export function mailBorderPort(border: BorderAccessModel | undefined, protocol: string): BorderPortModel | undefined {
  const port = border?.mailPorts[protocol];
  return border === undefined || port === undefined ? undefined : { addresses: border.addresses, port };
}

/**
 * `tcp-request connection` is evaluated before the PROXY header is read, so `src` is the border proxy itself. Other
 * hosts are refused on this port, because they could send any client address.
 */
export function borderOnly({ port, addresses }: BorderPortModel): Block {
  return {
    comment: "accept a client's address only from border proxies",
    lines: [`tcp-request connection reject if { dst_port ${port} } !{ src ${addresses.join(" ")} }`],
  };
}

/**
 * The keyword in a server line that makes a border proxy send its client's address in a PROXY header. Health checks
 * send this header without an address.
 */
export function proxyWords(inner: InnerModel | undefined): string {
  return inner?.proxyProtocol === true ? " send-proxy-v2" : "";
}

/**
 * The border proxy's own answers, each with the status of HAProxy's answer that it replaces. They do not show that
 * HAProxy is used, and refused requests look like missing pages.
 */
const ANSWERS: readonly (readonly [number, string])[] = [
  [400, "400 Bad Request"],
  [403, "404 Not Found"],
  [404, "404 Not Found"],
  [408, "408 Request Timeout"],
  [431, "400 Bad Request"],
  [500, "500 Internal Server Error"],
  [502, "502 Bad Gateway"],
  [503, "503 Service Unavailable"],
  [504, "504 Gateway Timeout"],
];

const answerFile = (status: number): string => `/etc/haproxy/border-${status}.http`;

/** The files with a border proxy's own answers. Every version of HAProxy reads them when it starts. */
export function borderAnswers(features: HaproxyFeatures): readonly { readonly path: string; readonly content: string }[] {
  return known(features).map(([status, line]) => ({
    path: answerFile(status),
    content: [`HTTP/1.0 ${line}`, "Cache-Control: no-cache", "Connection: close", "Content-Length: 0", "", ""].join("\r\n"),
  }));
}

export function answerLines(features: HaproxyFeatures): readonly string[] {
  return known(features).map(([status]) => `errorfile ${status} ${answerFile(status)}`);
}

/** HAProxy before 2.2 has no 404, and HAProxy before 3.2 has no 431. */
function known({ ownAnswers, saysTooLarge }: HaproxyFeatures): typeof ANSWERS {
  return ANSWERS.filter(([status]) => (ownAnswers || status !== 404) && (saysTooLarge || status !== 431));
}

/** Refuses requests for names that are not published, whatever name the TLS handshake had. */
export function publishedNames({ names }: InnerModel): Block {
  return {
    comment: "answer 404 to a request for any other name",
    lines: [
      "http-request set-var(txn.name) req.fhdr(host),field(1,:)",
      ...linesOfWords(names).map((words) => `acl published_name var(txn.name) -m str -i ${words}`),
      ...refusal("name", "http-request deny unless published_name"),
      PASSED,
    ],
  };
}

/** Refuses connections whose TLS handshake asks for a name that is not published. */
export function publishedServerNames({ names }: InnerModel): Block {
  return {
    comment: "reject connections for any other name",
    lines: [
      ...linesOfWords(names).map((words) => `acl published_name req.ssl_sni -i ${words}`),
      ...refusal("name", "tcp-request content reject unless published_name"),
      "tcp-request content unset-var(txn.rule)",
    ],
  };
}

/** Refuses requests that no publication allows. The rules come after the directories' ACLs. */
export function publications({ grants }: InnerModel): Block {
  const parts = new Map<string, PathPartModel>();
  const lists = new Map<string, string>();
  for (const { only, except, allow } of grants) {
    for (const part of [only, except]) if (part !== undefined) parts.set(part.name, part);
    if (allow !== undefined) lists.set(allow.acl, allow.file);
  }
  return {
    comment: "serve only what is published, and only to its clients",
    lines: [
      ...[...parts.values()].map(({ name, pattern }) => `acl ${name} var(txn.path) -m reg -i ${pattern}`),
      ...[...lists].map(([acl, file]) => `acl ${acl} src -f ${file}`),
      ...grants.map((grant) => `http-request set-var(txn.publication) str(${grant.publication}) if ${conditions(grant)}`),
      ...refusal("publication", "http-request deny unless { var(txn.publication) -m found }"),
    ],
  };
}

function conditions({ directory, only, except, allow }: GrantModel): string {
  return [directory, only?.name, except === undefined ? undefined : `!${except.name}`, allow?.acl].filter((word) => word !== undefined).join(" ");
}
