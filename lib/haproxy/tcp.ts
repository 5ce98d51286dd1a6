import { balanceLines } from "./balance";
import { answerLines, borderBind, proxyWords, publishedNames, publishedServerNames } from "./border";
import { limitBlocks } from "./limits";
import { httpLogFormat, tcpLogFormat } from "./log-format";
import { BorderPortModel, CheckTimingModel, InnerModel, LimitsModel, MemberModel, ResolversModel, TcpModel } from "./model";
import { section, when } from "./section";
import { Places } from "./places";
import { acmeAcl } from "./acme";
import { otherHostBySni } from "./other-hosts";
import { Elsewhere } from "./requests";
import { backupLines, checkWords, letGoWords, serverHead, serverTail, verifyWords } from "./server";
import { HaproxyFeatures } from "./versions";

/** The frontends of TCP mode: port 443, whose TLS HAProxy does not decrypt, and port 80, which redirects to HTTPS. */
export function tcpFrontends(
  https: TcpModel,
  features: HaproxyFeatures,
  limits: LimitsModel,
  { places, handshake, border, inner }: { readonly places: Places; readonly handshake: string; readonly border?: BorderPortModel; readonly inner?: InnerModel },
  { otherHosts = [], acme }: Elsewhere,
): readonly string[] {
  const others = otherHostBySni(otherHosts);
  return [
    ...when(
      https.redirectToHttps,
      section("frontend fe_exch2019_redirect", [
        {
          lines: ["mode http", httpLogFormat(false, inner !== undefined), `maxconn ${places.redirect}`, "bind *:80", "timeout client 30s", "timeout http-request 15s"],
        },
        ...(inner === undefined ? [] : [{ comment: "answer errors with an empty page", lines: answerLines(features) }]),
        // The limits come before the redirect, because HAProxy warns about a tcp-request rule after an http-request rule.
        ...limitBlocks(places.redirect, limits, features),
        ...(inner === undefined ? [] : [publishedNames(inner)]),
        { comment: "recognize ACME challenges, which arrive only on port 80", lines: acmeAcl(acme) },
        {
          comment: "redirect plain HTTP to HTTPS, because port 443 of the members expects TLS",
          lines: [`http-request redirect scheme https code 301${acme === undefined ? "" : " unless acme"}`, ...when(acme !== undefined, "use_backend be_acme if acme")],
        },
      ]),
    ),
    section("frontend fe_exch2019", [
      {
        lines: [
          "mode tcp",
          tcpLogFormat(inner !== undefined || otherHosts.some(({ allow }) => allow !== undefined)),
          `maxconn ${places.https}`,
          "bind *:443",
          ...borderBind(border, ""),
          `timeout client ${https.idleTimeout}`,
        ],
      },
      ...limitBlocks(places.https, limits, features, border),
      {
        comment: "connect to Exchange only after the client has begun TLS, and reject clients that do not begin in time",
        lines: [`tcp-request inspect-delay ${handshake}`, "tcp-request content reject unless { req.ssl_hello_type 1 }"],
      },
      ...(inner === undefined ? [] : [publishedServerNames(inner)]),
      ...others.lists,
      { lines: [...others.choice, "default_backend be_exch2019_https"] },
    ]),
  ];
}

export function tcpBackend(
  https: TcpModel,
  members: readonly MemberModel[],
  timing: CheckTimingModel,
  resolvers: ResolversModel,
  inner?: InnerModel,
): string {
  const { healthPath, caFile } = https;
  const tls = (member: MemberModel): string => {
    // Without a health path, a balancer checks only the TCP connection. A border proxy always checks the TLS handshake of
    // the balancers inside, which check Exchange.
    if (healthPath === undefined && inner === undefined) return "";
    // `check-ssl` adds TLS to the checks only. HAProxy must not add TLS to the client's own connection.
    return ` check-ssl ${caFile === undefined ? `verify none check-sni ${member.verifyName}` : verifyWords(member, caFile)}`;
  };
  return section("backend be_exch2019_https", [
    {
      lines: [
        "mode tcp",
        `timeout server ${https.idleTimeout}`,
        ...balanceLines(https.balance),
        ...backupLines(members),
        ...when(healthPath !== undefined, `option httpchk GET ${healthPath}`, "http-check expect status 200"),
        ...members.map((member) => `${serverHead(member, inner?.httpsPort ?? 443)}${proxyWords(inner)} ${checkWords(timing, resolvers)}${tls(member)}${letGoWords(member)}${serverTail(member, members)}`),
      ],
    },
  ]);
}
