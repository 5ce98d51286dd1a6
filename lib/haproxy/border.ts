import { PASSED, refusal } from "./log-format";
import { BorderAccessModel, BorderPortModel, GrantModel, InnerModel, PathPartModel } from "./model";
import { Block, linesOfWords } from "./section";
import { HaproxyFeatures } from "./versions";

/**
 * The bind line for connections from border proxies. `rest` contains the other words of the line, such as `ssl crt
 * FILE`.
 */
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
 * Allows only border proxies on their port, because other hosts could send any client address. HAProxy evaluates
 * `tcp-request connection` before it reads the PROXY header, so `src` is the border proxy's own address.
 */
export function borderOnly({ port, addresses }: BorderPortModel): Block {
  return {
    comment: "accept a client's address only from border proxies",
    lines: [`tcp-request connection reject if { dst_port ${port} } !{ src ${addresses.join(" ")} }`],
  };
}

/**
 * The word in a server line that makes a border proxy send the client's address to the server in a PROXY header. The
 * PROXY header of a health check contains no client address.
 */
export function proxyWords(inner: InnerModel | undefined): string {
  return inner?.proxyProtocol === true ? " send-proxy-v2" : "";
}

/**
 * The border proxy's own error answers. An entry consists of two fields: the status with which HAProxy would answer,
 * and the status line that the client gets instead. With these answers, the client cannot see that the server is
 * HAProxy, and a refused request looks like a request for a page that does not exist.
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

/**
 * The files with the border proxy's own error answers. HAProxy reads these files when it starts; every version supports
 * this.
 */
export function borderAnswers(features: HaproxyFeatures): readonly { readonly path: string; readonly content: string }[] {
  return known(features).map(([status, line]) => ({
    path: answerFile(status),
    content: [`HTTP/1.0 ${line}`, "Cache-Control: no-cache", "Connection: close", "Content-Length: 0", "", ""].join("\r\n"),
  }));
}

export function answerLines(features: HaproxyFeatures): readonly string[] {
  return known(features).map(([status]) => `errorfile ${status} ${answerFile(status)}`);
}

/**
 * The entries of ANSWERS for this version of HAProxy. HAProxy before 2.2 has no error 404, and HAProxy before 3.2 has
 * no error 431.
 */
function known({ ownAnswers, saysTooLarge }: HaproxyFeatures): typeof ANSWERS {
  return ANSWERS.filter(([status]) => (ownAnswers || status !== 404) && (saysTooLarge || status !== 431));
}

/**
 * Refuses requests whose Host header has a name that is not published. The name in the TLS handshake does not matter.
 */
export function publishedNames({ names }: InnerModel): Block {
  return {
    comment: "answer 404 to requests for names that are not published",
    lines: [
      "http-request set-var(txn.name) req.fhdr(host),field(1,:)",
      ...linesOfWords(names).map((words) => `acl published_name var(txn.name) -m str -i ${words}`),
      ...refusal("name", "http-request deny unless published_name"),
      PASSED,
    ],
  };
}

/** Refuses connections whose TLS handshake (SNI) has a name that is not published. */
export function publishedServerNames({ names }: InnerModel): Block {
  return {
    comment: "reject connections for names that are not published",
    lines: [
      ...linesOfWords(names).map((words) => `acl published_name req.ssl_sni -i ${words}`),
      ...refusal("name", "tcp-request content reject unless published_name"),
      "tcp-request content unset-var(txn.rule)",
    ],
  };
}

/** Refuses requests that no publication allows. These rules must come after the ACLs of the directories. */
export function publications({ grants }: InnerModel): Block {
  const parts = new Map<string, PathPartModel>();
  const lists = new Map<string, string>();
  for (const { only, except, allow } of grants) {
    for (const part of [only, except]) if (part !== undefined) parts.set(part.name, part);
    if (allow !== undefined) lists.set(allow.acl, allow.file);
  }
  return {
    comment: "serve only published directories, and serve each directory only to the clients of its publication",
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
