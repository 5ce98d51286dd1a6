import { MailModel, MemberModel } from "./model";
import { section } from "./section";
import { serverHead } from "./server";

/** SMTP, IMAP or POP3 as the clients reach it: passed through, whoever may connect. */
export function mailFrontend({ name, port, idleTimeout, allow }: MailModel): string {
  return section(`frontend fe_exch2019_${name}`, [
    { lines: ["mode tcp", "option tcplog", `bind *:${port} name ${name}`, `timeout client ${idleTimeout}`] },
    {
      comment: `Acl for ${name}`,
      lines:
        allow === undefined
          ? []
          : [`acl ${allow.acl} src -f ${allow.file}`, `tcp-request content reject if !${allow.acl}`],
    },
    { lines: [`default_backend be_exch2019_${name}`] },
  ]);
}

export function mailBackend(
  { name, memberPort, balance, idleTimeout }: MailModel,
  members: readonly MemberModel[],
): string {
  return section(`backend be_exch2019_${name}`, [
    {
      lines: [
        "mode tcp",
        `timeout server ${idleTimeout}`,
        `balance ${balance}`,
        "option log-health-checks",
        ...members.map((member) => `${serverHead(member, memberPort)} check`),
      ],
    },
  ]);
}
