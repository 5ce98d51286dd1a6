import { balanceLines } from "./balance";
import { bindLine } from "./bind";
import { borderBind, proxyWords } from "./border";
import { limitBlocks } from "./limits";
import { refusal, tcpLogFormat } from "./log-format";
import { BorderPortModel, CheckTimingModel, InnerModel, LimitsModel, MailGreeting, MailModel, MemberModel, ResolversModel } from "./model";
import { section, when } from "./section";
import { backupLines, checkWords, letGoWords, serverHead, serverTail } from "./server";
import { HaproxyFeatures } from "./versions";

/**
 * The frontend of SMTP, IMAP or POP3. HAProxy forwards a connection if the client is in the allow list, or if there is
 * no list.
 */
export function mailFrontend({ name, port, address, idleTimeout, allow }: MailModel, limits: LimitsModel, places: number, features: HaproxyFeatures, border?: BorderPortModel): string {
  return section(`frontend fe_exch2019_${name}`, [
    {
      lines: [
        "mode tcp",
        tcpLogFormat(allow !== undefined),
        `maxconn ${places}`,
        `${bindLine(port, address)} name ${name}`,
        ...borderBind(border, ` name ${name}_border`),
        `timeout client ${idleTimeout}`,
      ],
    },
    ...limitBlocks(places, limits, features, border),
    {
      comment: `Acl for ${name}`,
      lines:
        allow === undefined
          ? []
          : [`acl ${allow.acl} src -f ${allow.file}`, ...refusal(`allow-${name}`, `tcp-request content reject if !${allow.acl}${ofBorder(border)}`), "tcp-request content unset-var(txn.rule)"],
    },
    { lines: [`default_backend be_exch2019_${name}`] },
  ]);
}

/**
 * The condition that exempts the health checks of border proxies from the allow list. The health checks arrive on the
 * same port as clients' connections, but with the border proxy's own address, because a health check has no client.
 */
function ofBorder(border: BorderPortModel | undefined): string {
  return border === undefined ? "" : ` !{ src ${border.addresses.join(" ")} }`;
}

export function mailBackend(
  { name, memberPort, balance, idleTimeout, greeting, tls, memberMaxconn, servers }: MailModel,
  { members: all, inner }: { readonly members: readonly MemberModel[]; readonly inner?: InnerModel },
  timing: CheckTimingModel,
  resolvers: ResolversModel,
  features: HaproxyFeatures,
): string {
  const members = servers ?? all;
  const proxy = servers === undefined ? proxyWords(inner) : "";
  return section(`backend be_exch2019_${name}`, [
    {
      lines: [
        "mode tcp",
        `timeout server ${idleTimeout}`,
        // A client waits 5 minutes for the greeting (RFC 5321 4.5.3.2.1), so a session waits less than that for a free
        // place.
        ...when(memberMaxconn !== undefined, "timeout queue 4m"),
        ...balanceLines(balance),
        ...backupLines(members),
        "option log-health-checks",
        "option tcp-check",
        ...greetingCheck(GREETINGS[greeting], features),
        // The health check does not verify the member's certificate, because clients verify it themselves. The
        // certificate for IMAP and POP3 may differ from the certificate for HTTPS.
        ...members.map(
          (member) =>
            serverHead(member, memberPort) +
            (memberMaxconn === undefined ? "" : ` maxconn ${memberMaxconn}`) +
            `${proxy} ${checkWords(timing, resolvers)}${tls ? " check-ssl verify none" : ""}${letGoWords(member)}${serverTail(member, members)}`,
        ),
      ],
    },
  ]);
}

interface Greeting {
  /** How the greeting of a healthy member begins. */
  readonly hello: string;
  /**
   * How Exchange's greeting begins if one client address, or all clients together, have too many sessions. The member
   * is healthy then. If HAProxy took it out of service, its sessions would go to the next member, until that member
   * also had too many.
   */
  readonly tooMany: string;
  readonly goodbye: string;
}

const GREETINGS: Readonly<Record<MailGreeting, Greeting>> = {
  // Only this 421 counts as healthy: a member whose transport service is down answers "421 4.3.2 Service not active".
  smtp: { hello: "220", tooMany: "421\\ 4.3.2\\ The\\ max", goodbye: "QUIT" },
  imap: { hello: "[*]\\ OK", tooMany: "[*]\\ BYE\\ Connection\\ is\\ closed.\\ 10", goodbye: "a\\ LOGOUT" },
  pop3: { hello: "[+]OK", tooMany: "-ERR\\ BYE\\ Connection\\ refused", goodbye: "QUIT" },
};

/**
 * The health check reads the member's greeting. Then it sends the goodbye and closes the connection properly, so that
 * the member's log stays quiet. The check does not wait for the answer to the goodbye, because a member with too many
 * sessions has already closed the connection.
 */
function greetingCheck({ hello, tooMany, goodbye }: Greeting, { lingeringChecks }: HaproxyFeatures): readonly string[] {
  return [
    ...when(lingeringChecks, "tcp-check connect default linger"),
    `tcp-check expect rstring ^(${hello}|${tooMany})`,
    `tcp-check send ${goodbye}\\r\\n`,
  ];
}
