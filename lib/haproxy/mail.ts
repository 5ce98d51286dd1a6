import { balanceLines } from "./balance";
import { limitBlocks } from "./limits";
import { refusal, tcpLogFormat } from "./log-format";
import { CheckTimingModel, LimitsModel, MailGreeting, MailModel, MemberModel, ResolversModel } from "./model";
import { section } from "./section";
import { checkWords, serverHead } from "./server";

/** SMTP, IMAP or POP3 as the clients reach it: passed through, whoever may connect. */
export function mailFrontend({ name, port, idleTimeout, allow }: MailModel, limits: LimitsModel): string {
  return section(`frontend fe_exch2019_${name}`, [
    { lines: ["mode tcp", tcpLogFormat(allow !== undefined), `bind *:${port} name ${name}`, `timeout client ${idleTimeout}`] },
    ...limitBlocks(limits),
    {
      comment: `Acl for ${name}`,
      lines:
        allow === undefined
          ? []
          : [`acl ${allow.acl} src -f ${allow.file}`, ...refusal(`allow-${name}`, `tcp-request content reject if !${allow.acl}`), "tcp-request content unset-var(txn.rule)"],
    },
    { lines: [`default_backend be_exch2019_${name}`] },
  ]);
}

export function mailBackend(
  { name, memberPort, balance, idleTimeout, greeting, tls }: MailModel,
  members: readonly MemberModel[],
  timing: CheckTimingModel,
  resolvers: ResolversModel,
): string {
  return section(`backend be_exch2019_${name}`, [
    {
      lines: [
        "mode tcp",
        `timeout server ${idleTimeout}`,
        ...balanceLines(balance),
        "option log-health-checks",
        "option tcp-check",
        ...GREETINGS[greeting],
        // Whose certificate it is, the clients judge: IMAP's and POP3's may be another than HTTPS's.
        ...members.map(
          (member) => `${serverHead(member, memberPort)} ${checkWords(timing, resolvers)}${tls ? " check-ssl verify none" : ""}`,
        ),
      ],
    },
  ]);
}

/** The member speaks first and says who it is; a polite goodbye keeps its logs quiet. */
const GREETINGS: Readonly<Record<MailGreeting, readonly string[]>> = {
  smtp: ["tcp-check expect rstring ^220", "tcp-check send QUIT\\r\\n", "tcp-check expect rstring ^221"],
  imap: ["tcp-check expect rstring ^\\*\\ OK", "tcp-check send a\\ LOGOUT\\r\\n", "tcp-check expect string BYE"],
  pop3: ["tcp-check expect rstring ^\\+OK", "tcp-check send QUIT\\r\\n", "tcp-check expect rstring ^\\+OK"],
};
