import { attackRules } from "./attacks";
import { balanceLines } from "./balance";
import { answerLines, borderBind, proxyWords, publications, publishedNames } from "./border";
import { guessBlocks } from "./guesses";
import { limitBlocks } from "./limits";
import { PASSED, httpLogFormat, refusal } from "./log-format";
import { BorderPortModel, BridgeModel, CheckTimingModel, InnerModel, LimitsModel, MemberModel, ResolversModel, TimeoutsModel, VirtualDirectoryModel } from "./model";
import { pathRules } from "./paths";
import { butOthers, otherHostChoice, otherHostLists } from "./other-hosts";
import { Elsewhere, requestRules } from "./requests";
import { Block, linesOfWords, section, when } from "./section";
import { backupLines, checkWords, serverHead, serverTail, verifyWords } from "./server";
import { HaproxyFeatures } from "./versions";

/** The frontend of SSL bridging and SSL offloading. It decrypts TLS, and HAProxy reads each request. */
export function bridgeFrontend(
  bridge: BridgeModel,
  features: HaproxyFeatures,
  limits: LimitsModel,
  { places, timeouts, border, inner, counted }: { readonly places: number; readonly timeouts: TimeoutsModel; readonly border?: BorderPortModel; readonly inner?: InnerModel; readonly counted: boolean },
  elsewhere: Elsewhere,
): string {
  const { otherHosts = [], acme } = elsewhere;
  const orOthers = otherHosts.length === 0 ? "" : " || elsewhere";
  const directories = bridge.virtualDirectories;
  const tls = `ssl ${bridge.certificate} alpn ${bridge.http2 ? "h2,http/1.1" : "http/1.1"}`;
  const root = directories.find((directory) => directory.root);
  return section("frontend fe_exch2019", [
    {
      lines: [
        "mode http",
        httpLogFormat(true),
        `maxconn ${places}`,
        ...when(bridge.redirectToHttps, "bind *:80"),
        // HTTP/2 breaks NTLM: NTLM authenticates a whole connection, but HTTP/2 mixes several requests in one
        // connection.
        `bind *:443 ${tls}`,
        ...borderBind(border, ` ${tls}`),
        "option http-keep-alive",
        ...when(features.idleCloseOnResponse, "option idle-close-on-response"),
        ...when(features.headerCase, "option h1-case-adjust-bogus-client"),
        // With `dontlognull`, the log would not show that HAProxy answered 400 to a request whose headers are too
        // large.
        ...when(features.hidesUnreadable, "no option dontlognull"),
      ],
    },
    silence(bridge, features, timeouts),
    ...(inner === undefined ? [] : [{ comment: "answer errors with an empty page, so that strangers learn nothing about this server", lines: answerLines(features) }]),
    ...limitBlocks(places, limits, features, border),
    ...requestRules(bridge, features, elsewhere),
    ...(inner === undefined ? [] : [publishedNames(inner)]),
    {
      comment: "set a header only if Exchange's response does not have it, because some of Exchange's headers protect clients",
      lines: bridge.responseHeaders.map(({ name, value }) => `http-response set-header ${name} "${value}" unless { res.hdr(${name}) -m found }${orOthers}`),
    },
    {
      comment: "replace Exchange's own headers",
      lines: (bridge.replaceResponseHeaders ?? []).map(({ name, value }) => `http-response set-header ${name} "${value}"${otherHosts.length === 0 ? "" : " unless elsewhere"}`),
    },
    {
      comment: "never trust client addresses from the request: remove the headers that proxies set",
      lines: ["option forwardfor except 127.0.0.0/8", ...forgeable(features), "http-request set-header X-Forwarded-Proto https if { ssl_fc }"],
    },
    {
      comment: "Redirect from 80 -> 443",
      lines: when(bridge.redirectToHttps, `http-request redirect scheme https code 301 unless { ssl_fc }${acme === undefined ? "" : " || acme"}`),
    },
    {
      comment: "if the client's SNI name has its own certificate, use that name towards the member",
      lines: when(
        bridge.sniNames.length > 0,
        `http-request set-var(txn.sni) str(${bridge.verifyHost})`,
        ...linesOfWords(bridge.sniNames).map((names) => `http-request set-var(txn.sni) ssl_fc_sni,lower if { ssl_fc_sni -i ${names} }`),
      ),
    },
    ...pathRules(directories, features, elsewhere),
    ...attackRules(bridge.attacks ?? [], counted, otherHosts.length > 0),
    ...directories.flatMap(allowRules),
    ...(inner === undefined ? [] : [publications(inner)]),
    ...otherHostLists(otherHosts),
    ...(bridge.guesses === undefined ? [] : guessBlocks(bridge.guesses, features, counted, butOthers(otherHosts))),
    { comment: "no rule refused this request", lines: [PASSED] },
    {
      comment: "Backend assign",
      lines: [
        ...when(acme !== undefined, "use_backend be_acme if acme"),
        ...otherHostChoice(otherHosts),
        ...directories.map(({ name }) => `use_backend ${backendName(name)} if ${name}`),
      ],
    },
    {
      comment: "Backend by default",
      lines: root === undefined ? [] : [`default_backend ${backendName(root.name)}`],
    },
  ]);
}

/**
 * The limits for clients that stop sending or receiving. `timeout client` closes two kinds of connections: those whose
 * TLS handshake makes no progress, and those whose client does not read its response. In HAProxy before 2.9, this
 * timeout also closes idle connections, so it must be longer than `http-keep-alive`.
 */
function silence(bridge: BridgeModel, { handshakeTimeout }: HaproxyFeatures, { httpRequest, client }: TimeoutsModel): Block {
  return handshakeTimeout
    ? {
        comment: "close connections whose TLS handshake never finishes or whose client stops reading the response",
        lines: [`timeout client-hs ${httpRequest}`, `timeout client ${bridge.clientTimeout ?? client}`],
      }
    : {
        comment: "close connections whose TLS handshake never finishes or whose client stops reading the response; this timeout must be longer than http-keep-alive",
        lines: [`timeout client ${bridge.clientTimeout ?? bridge.clientIdleTimeout}`],
      };
}

/**
 * The backends, one for each virtual directory. If one directory of a member fails, HAProxy still uses the member for
 * the other directories.
 */
export function bridgeBackends(
  bridge: BridgeModel,
  members: readonly MemberModel[],
  timing: CheckTimingModel,
  resolvers: ResolversModel,
  { headerCase }: HaproxyFeatures,
  inner?: InnerModel,
): readonly string[] {
  return bridge.virtualDirectories.map((directory) =>
    section(`backend ${backendName(directory.name)}`, [
      {
        lines: [
          "mode http",
          ...balanceLines(directory.balance),
          ...backupLines(members),
          ...when(directory.serverTimeout !== undefined, `timeout server ${directory.serverTimeout}`),
          ...when(directory.connectTimeout !== undefined, `timeout connect ${directory.connectTimeout}`),
          "option http-keep-alive",
          ...when(headerCase, "option h1-case-adjust-bogus-server"),
          "option prefer-last-server",
          "http-reuse never",
          // A border proxy checks only the TLS handshake of its servers. The balancers inside check Exchange.
          ...when(inner === undefined, `option httpchk GET ${directory.healthPath}`),
          "option log-health-checks",
          ...when(inner === undefined, "http-check expect status 200"),
          ...members.map((member) => `${serverLine(member, bridge, timing, resolvers, inner)}${serverTail(member, members)}`),
        ],
      },
    ]),
  );
}

function serverLine(member: MemberModel, { caFile, sniNames }: BridgeModel, timing: CheckTimingModel, resolvers: ResolversModel, inner: InnerModel | undefined): string {
  const check = checkWords(timing, resolvers);
  if (caFile === undefined) return `${serverHead(member, 80)} ${check}`;
  // HAProxy verifies that the member's certificate contains the name in `sni`. If `sni` is empty, HAProxy verifies the
  // name in `verifyhost`.
  const sni = sniNames.length > 0 ? "var(txn.sni)" : `str(${member.verifyName})`;
  return `${serverHead(member, inner?.httpsPort ?? 443)}${proxyWords(inner)} ${check} ssl ${verifyWords(member, caFile)} sni ${sni}`;
}

function allowRules({ name, allow }: VirtualDirectoryModel): readonly Block[] {
  if (allow === undefined) return [];
  return [
    {
      comment: `Acl for ${name}`,
      lines: [`acl ${allow.acl} src -f ${allow.file}`, ...refusal(`allow-${name}`, `http-request deny if ${name} !${allow.acl}`)],
    },
  ];
}

function backendName(directory: string): string {
  return `be_exch2019_${directory}`;
}

/**
 * Removes the headers in which proxies describe a client. IIS's server variables do not distinguish dashes from
 * underscores, so all mixed spellings are removed. From HAProxy 2.4 on, one rule can remove all headers with the same
 * beginning, so 4 rules remove the X-Forwarded headers. Separate rules for all spellings (21 rules in total) would cost
 * time in each request.
 */
function forgeable({ deleteHeadersByBeginning }: HaproxyFeatures): readonly string[] {
  const forwarded = deleteHeadersByBeginning
    ? ["x-forwarded- -m beg", "x-forwarded_ -m beg", "x_forwarded- -m beg", "x_forwarded_ -m beg"]
    : ["for", "proto", "host", "port"].flatMap((what) => spellings(`x-forwarded-${what}`));
  return [...forwarded, ...spellings("x-real-ip"), "forwarded"].map((name) => `http-request del-header ${name}`);
}

function spellings(name: string): readonly string[] {
  const [first = "", ...rest] = name.split("-");
  return rest.reduce<readonly string[]>((begun, word) => begun.flatMap((before) => [`${before}-${word}`, `${before}_${word}`]), [first]);
}
