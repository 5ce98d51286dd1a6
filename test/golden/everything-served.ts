import { Balance, Duration, MailProtocol, VirtualDirectory } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** Every virtual directory and mail protocol, 16 members (the maximum), and all settings of HAProxy. */
export default {
  dag: {
    mailProtocols: [
      MailProtocol.smtp({ balance: Balance.LEASTCONN, idleTimeout: Duration.minutes(5) }),
      MailProtocol.submission(),
      MailProtocol.imap({ port: 1143, memberPort: 143 }),
      MailProtocol.imaps(),
      MailProtocol.pop3(),
      MailProtocol.pop3s(),
    ],
    virtualDirectories: [
      VirtualDirectory.autodiscover(),
      VirtualDirectory.mapi({ serverTimeout: Duration.minutes(5), balance: Balance.LEASTCONN }),
      VirtualDirectory.rpc(),
      VirtualDirectory.owa({ connectTimeout: Duration.millis(1500) }),
      VirtualDirectory.activeSync(),
      VirtualDirectory.ecp(),
      VirtualDirectory.ews(),
      VirtualDirectory.oab(),
      VirtualDirectory.powerShell(),
    ],
    healthCheckInterval: Duration.seconds(5),
    members: Array.from({ length: 16 }, (_, index) => ({ name: `exch${index + 1}`, host: `10.12.9.${index + 1}`, weight: index })),
  },
  balancer: {
    timeouts: { connect: Duration.seconds(5), client: Duration.hours(1), server: Duration.hours(1), queue: Duration.seconds(30) },
    retries: 1,
    maxconn: 20_000,
    healthPort: 8406,
    virtualAddresses: ["10.12.8.15/24", "10.12.8.16"],
    backupInterface: "ens224",
    masterPriority: 200,
    backupPriority: 199,
    instanceName: "MAIL_VIP",
  },
} satisfies Case;
