import { acmeBackend } from "./acme";
import { httpsBorderPort, mailBorderPort } from "./border";
import { bridgeBackends, bridgeFrontend } from "./bridge";
import { GUARD_LUA, guessTables, peersSection } from "./guesses";
import { HEADER_CASE_LINES } from "./header-case";
import { alsoOnIpv6 } from "./ipv6";
import { mailBackend, mailFrontend } from "./mail";
import { METRICS_CONNECTIONS, METRICS_LUA } from "../monitoring/model";
import { metricsFrontend } from "../monitoring/section";
import { HaproxyModel, LogModel, MemberModel, PairModel, ResolversModel } from "./model";
import { otherHostBackend } from "./other-hosts";
import { ownLinesNotes, ownSections, withOwnLines } from "./own-lines";
import { placesOf } from "./places";
import { section, when } from "./section";
import { tcpBackend, tcpFrontends } from "./tcp";
import { tlsBlocks } from "./tls";
import { IPV6_BACKEND, choosingByFamily, fromClients, fromIpv6Clients } from "./transparent";
import { HAPROXY_FEATURES, HaproxyVersion } from "./versions";

/** The port on which rsyslog receives HAProxy's log lines. */
export const SYSLOG_PORT = 514;

/**
 * By how many bytes a buffer must be larger than the headers of a request. These bytes are for `tune.maxrewrite`
 * (1024), and for HAProxy's own data.
 */
const HEADROOM = 4096;

/** The file with the answer of the pair port. The host adds three lines to the file (see `renderPairAnswer`). */
export const PAIR_ANSWER = "/etc/haproxy/pair.http";

/**
 * Writes haproxy.cfg. The last result is kept: the two nodes of a pair usually have the same model and are rendered one
 * after the other, so the second node gets the kept result.
 */
export function renderHaproxyCfg(model: HaproxyModel): string {
  const key = JSON.stringify(model);
  if (last?.key !== key) last = { key, text: rendered(model) };
  return last.text;
}

let last: { readonly key: string; readonly text: string } | undefined;

function rendered(model: HaproxyModel): string {
  const { https, inner } = model;
  const features = HAPROXY_FEATURES[model.version];
  const places = placesOf(model);
  const handshake = model.timeouts.httpRequest;
  const border = httpsBorderPort(model.border);
  const frontends =
    https.mode === "bridge"
      ? [bridgeFrontend(https, features, model.limits, { places: places.https, timeouts: model.timeouts, border, inner, counted: model.monitoring !== undefined }, model)]
      : tcpFrontends(https, features, model.limits, { places, handshake, border, inner }, model);
  const backends = (members: readonly MemberModel[]): readonly string[] =>
    https.mode === "bridge"
      ? bridgeBackends(https, members, model.checkTiming, model.resolvers, features, inner)
      : [tcpBackend(https, members, model.checkTiming, model.resolvers, inner)];
  const mailBackends = (members: readonly MemberModel[]): readonly string[] =>
    model.mail.map((mail) => mailBackend(mail, { members, inner }, model.checkTiming, model.resolvers, features));
  const { ownLines, transparent } = model;
  const ipv6Members = (transparent?.ipv6Hosts ?? []).flatMap((host, index) => model.members.slice(index, index + 1).map((member) => ({ ...member, host })));
  // With IPv6 members, each backend for members has a second backend for IPv6 clients.
  const toMembers = (make: (members: readonly MemberModel[]) => readonly string[]): readonly string[] => [
    ...(transparent === undefined ? make(model.members) : make(model.members).map(fromClients)),
    ...(ipv6Members.length === 0 ? [] : make(ipv6Members).map(fromIpv6Clients)),
  ];
  const sections = [
    globalSection(model),
    ...ringSections(model),
    defaultsSection(model),
    ...resolversSection(model.resolvers),
    ...(model.peers === undefined ? [] : [peersSection(model.peers)]),
    ...frontends,
    ...model.mail.map((mail) => mailFrontend(mail, model.limits, places.mail(mail.name), features, mailBorderPort(model.border, mail.name))),
    ...(model.monitoring === undefined ? [] : [metricsFrontend(model.monitoring, features.prometheusExporter)]),
    ...(model.pair === undefined ? [] : [pairFrontend(model.pair)]),
    ...toMembers(backends),
    ...(https.mode === "bridge" && https.guesses !== undefined ? guessTables(https.guesses, model.peers !== undefined) : []),
    ...toMembers(mailBackends),
    ...(model.otherHosts ?? []).map((host) => otherHostBackend(host, https.mode === "bridge", model.checkTiming, model.resolvers)),
    ...(model.acme === undefined ? [] : [acmeBackend(model.acme)]),
  ]
    .map((text) => withOwnLines(text, ownLines?.inSections.get((text.split("\n")[0] ?? "").replace(new RegExp(`${IPV6_BACKEND}$`), ""))))
    .map((text) => (ipv6Members.length === 0 ? text : choosingByFamily(text)));
  const cfg = [
    `# Written by cdktf-exchange-balancer. The next deploy that changes this host overwrites this file.\n${ownLines === undefined ? "" : ownLinesNotes(ownLines)}`,
    ...sections,
    ...(ownLines === undefined ? [] : ownSections(ownLines)),
  ].join("\n");
  const logged = model.log.target === "none" ? withoutLogFormats(cfg) : cfg;
  return model.ipv6 ? alsoOnIpv6(logged) : logged;
}

function globalSection({ version, log, maxconn, maxHeaderBytes, hardStopAfter, healthPort, https, monitoring, peers, transparent }: HaproxyModel): string {
  const features = HAPROXY_FEATURES[version];
  const bridge = https.mode === "bridge" ? https : undefined;
  const guards = bridge?.guesses !== undefined;
  return section("global", [
    {
      lines: [
        ...logLines(log, features.logRing),
        "chroot      /var/lib/haproxy",
        // `METRICS_CONNECTIONS` is added so that metrics can be read even if all other connections are in use.
        `maxconn     ${maxconn + (monitoring === undefined ? 0 : METRICS_CONNECTIONS)}`,
        "user        haproxy",
        "group       haproxy",
        "daemon",
      ],
    },
    { comment: "let HAProxy use the clients' addresses towards the members although it does not run as root", lines: when(transparent !== undefined, "setcap      cap_net_admin") },
    {
      comment: "after a reload the old process finishes its open connections, for at most this long",
      lines: [`hard-stop-after ${hardStopAfter}`],
    },
    {
      comment: "check all members immediately after a start; without this line, HAProxy spreads the first checks over the interval",
      lines: ["max-spread-checks 100ms"],
    },
    {
      comment: "a request's headers must fit into one buffer: Kerberos tickets of users in many groups are large",
      lines: when(bridge !== undefined, `tune.bufsize ${maxHeaderBytes + HEADROOM}`, "tune.http.maxhdr 200"),
    },
    { comment: "only for root: the command exchange-balancer drains members through this socket", lines: ["stats socket /var/lib/haproxy/stats mode 600 level admin"] },
    {
      comment: "keepalived's check uses this socket, because this socket answers even when maxconn is reached",
      lines: [`stats socket ipv4@127.0.0.1:${healthPort} level user`],
    },
    // This line differs between the two nodes. Comparisons of the nodes ignore this line.
    { comment: "this node's name among the peers that share bans", lines: peers === undefined ? [] : [`localpeer ${peers.own}`] },
    { comment: "the script that recognizes guessed passwords", lines: when(guards, ...luaBooleans(version), `lua-load ${GUARD_LUA}`) },
    // The Lua boolean mode must be set once, before the first script is loaded.
    { comment: "the script for the metrics port", lines: when(monitoring !== undefined, ...(guards ? [] : luaBooleans(version)), `lua-load ${METRICS_LUA}`) },
    ...(bridge === undefined ? [] : tlsBlocks(bridge.tlsPolicy, bridge.systemCryptoPolicy)),
    {
      lines: when(
        bridge !== undefined && HAPROXY_FEATURES[version].weakDefaultDhParam,
        "tune.ssl.default-dh-param 2048",
      ),
    },
    {
      comment: "spell header names as Exchange and Outlook do: some old Outlooks fail on lower case",
      lines: when(bridge !== undefined && HAPROXY_FEATURES[version].headerCase, ...HEADER_CASE_LINES),
    },
  ]);
}

function luaBooleans(version: HaproxyVersion): readonly string[] {
  return when(HAPROXY_FEATURES[version].luaBooleans, "tune.lua.bool-sample-conversion normal");
}

/** The lines of the section `global` that say where HAProxy sends log lines. */
function logLines(log: LogModel, logRing: boolean): readonly string[] {
  switch (log.target) {
    case "rsyslog":
      return [logRing ? "log         ring@syslog format rfc3164 local0" : `log         127.0.0.1:${SYSLOG_PORT} local0`];
    case "journal":
      // HAProxy does not wait for journald, and drops lines that journald does not read in time. The highest level is
      // `alert`, because a line of level `emerg` would be shown on every terminal of the host.
      return ["log         stdout format short local0 debug alert"];
    case "server":
      return [`log         ${log.tcp ? "ring@syslog" : `${log.address}:${log.port} len 4096`} format rfc5424 local0`, "log-send-hostname"];
    case "none":
      return [];
  }
}

/**
 * The section `ring`, which buffers log lines for rsyslog, or for a syslog server over TCP. The buffer of 4 MB holds
 * about 15 000 lines. If rsyslog or the syslog server does not read the lines, the buffer becomes full. Each new line
 * then replaces the oldest line. HAProxy never waits for rsyslog or the syslog server.
 */
function ringSections({ log, version }: HaproxyModel): readonly string[] {
  if (log.target === "rsyslog" && HAPROXY_FEATURES[version].logRing) return [ringSection("rsyslog", "rfc3164", `127.0.0.1:${SYSLOG_PORT}`)];
  return log.target === "server" && log.tcp ? [ringSection("syslog server", "rfc5424", `${log.address}:${log.port}`)] : [];
}

function ringSection(whose: string, format: string, address: string): string {
  return section("ring syslog", [
    {
      comment: `buffer log lines, and send many of them at a time to ${whose === "rsyslog" ? whose : `the ${whose}`}`,
      lines: [`format ${format}`, "maxlen 4096", "size 4194304", "timeout connect 2s", "timeout server 10s", `server ${whose === "rsyslog" ? whose : "remote"} ${address} log-proto octet-count`],
    },
  ]);
}

/** Removes the log formats, because HAProxy warns about a log format if there is no log target. */
function withoutLogFormats(cfg: string): string {
  return cfg.replace(/^ *(?:log-format|option +(?:http|tcp)log)\b.*\n/gm, "");
}

function defaultsSection({ https, retries, timeouts }: HaproxyModel): string {
  // With `redispatch 1`, each retry goes to a different member. By default, only the last retry does.
  const common = ["log                     global", "option                  redispatch 1", `retries                 ${retries}`];
  if (https.mode === "tcp") {
    return section("defaults", [
      {
        lines: [
          "mode                    tcp",
          ...common,
          "option                  log-health-checks",
          `timeout queue           ${timeouts.queue}`,
          `timeout connect         ${timeouts.connect}`,
          `timeout client          ${timeouts.client}`,
          `timeout server          ${timeouts.server}`,
          `timeout check           ${timeouts.check}`,
        ],
      },
    ]);
  }
  return section("defaults", [
    {
      lines: [
        "mode                    http",
        ...common,
        "option                  httplog",
        "option                  dontlognull",
        `timeout http-request    ${timeouts.httpRequest}`,
        `timeout queue           ${timeouts.queue}`,
        `timeout connect         ${timeouts.connect}`,
        `timeout client          ${timeouts.client}`,
        `timeout server          ${timeouts.server}`,
        `timeout http-keep-alive ${timeouts.httpKeepAlive}`,
        `timeout check           ${timeouts.check}`,
      ],
    },
  ]);
}

/**
 * The frontend of the pair port. This frontend has no backend, so HAProxy answers each request with the error 503. The
 * line `errorfile 503` replaces HAProxy's error page with the answer of the pair port. HAProxy reads the file when it
 * starts; every version supports this.
 */
function pairFrontend({ port, nodes }: PairModel): string {
  return section("frontend fe_pair", [
    {
      comment: "the other node asks here which configuration this node serves",
      // The port listens only on IPv4, because the other node asks over IPv4, like VRRP.
      lines: [`bind 0.0.0.0:${port}`, "mode http", "maxconn 50", "timeout client 2s", "timeout http-request 2s"],
    },
    { lines: [`tcp-request connection reject unless { src ${nodes.join(" ")} }`, "http-request set-log-level silent", `errorfile 503 ${PAIR_ANSWER}`] },
  ]);
}

/**
 * Writes the pair port's answer. The host adds the lines `language`, `config` and `generation`
 * (lib/host/apply/pair.sh).
 */
export function renderPairAnswer(host: string): string {
  return ["HTTP/1.0 503 Service Unavailable", "Cache-Control: no-cache", "Connection: close", "Content-Type: text/plain", "", `host ${host}`]
    .map((line) => `${line}\n`)
    .join("");
}

/**
 * The section for the name servers that resolve the members' names. If the name servers fail, HAProxy keeps a member's
 * address for 24 days, the longest time that HAProxy allows. `hold obsolete` is not set. So HAProxy drops an address
 * that is missing in a valid answer. If it kept the old address, it would never use the new address (seen in the lab).
 */
function resolversSection({ nameServers }: ResolversModel): readonly string[] {
  if (nameServers.length === 0) return [];
  return [
    section("resolvers dns", [
      {
        lines: [
          ...nameServers.map((address, index) => `nameserver dns${index + 1} ${address}:53`),
          "resolve_retries 3",
          "timeout resolve 1s",
          "timeout retry 1s",
          "hold valid 10s",
        ],
      },
      {
        comment: "if the name servers fail, keep a member's address for 24 days, the longest time that HAProxy allows",
        lines: ["nx", "other", "refused", "timeout"].map((what) => `hold ${what} 24d`),
      },
    ]),
  ];
}
