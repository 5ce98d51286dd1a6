import { balanceLines } from "./balance";
import { limitBlocks } from "./limits";
import { httpLogFormat, tcpLogFormat } from "./log-format";
import { CheckTimingModel, LimitsModel, MemberModel, ResolversModel, TcpModel } from "./model";
import { section, when } from "./section";
import { checkWords, serverHead, verifyWords } from "./server";

/** The frontends of TCP mode: 443 unread, and 80, where a redirect is all that TLS clients can be told. */
export function tcpFrontends(https: TcpModel, limits: LimitsModel): readonly string[] {
  return [
    ...when(
      https.redirectToHttps,
      section("frontend fe_exch2019_redirect", [
        // First: HAProxy warns of a tcp-request rule after an http-request one.
        ...limitBlocks(limits),
        {
          comment: "Redirect from 80 -> 443: a member's 443 would not understand plain HTTP",
          lines: [
            "mode http",
            httpLogFormat(false),
            "bind *:80",
            "timeout client 30s",
            "timeout http-request 15s",
            "http-request redirect scheme https code 301",
          ],
        },
      ]),
    ),
    section("frontend fe_exch2019", [
      {
        lines: [
          "mode tcp",
          tcpLogFormat(false),
          "bind *:443",
          `timeout client ${https.idleTimeout}`,
        ],
      },
      ...limitBlocks(limits),
      { lines: ["default_backend be_exch2019_https"] },
    ]),
  ];
}

export function tcpBackend(
  https: TcpModel,
  members: readonly MemberModel[],
  timing: CheckTimingModel,
  resolvers: ResolversModel,
): string {
  const { healthPath, caFile } = https;
  const tls = (member: MemberModel): string => {
    if (healthPath === undefined) return "";
    // `check-ssl` alone: HAProxy must not open TLS for the client's own connection.
    return ` check-ssl ${caFile === undefined ? `verify none check-sni ${member.verifyName}` : verifyWords(member, caFile)}`;
  };
  return section("backend be_exch2019_https", [
    {
      lines: [
        "mode tcp",
        `timeout server ${https.idleTimeout}`,
        ...balanceLines(https.balance),
        ...when(healthPath !== undefined, `option httpchk GET ${healthPath}`, "http-check expect status 200"),
        ...members.map((member) => `${serverHead(member, 443)} ${checkWords(timing, resolvers)}${tls(member)}`),
      ],
    },
  ]);
}
