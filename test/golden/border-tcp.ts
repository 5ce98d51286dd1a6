import { BorderMode, MailProtocol, Publication, BorderAccess } from "cdktf-exchange-balancer";
import { HYBRID } from "../support/border";
import type { Case } from "../support/site";

/** Border proxies in TCP mode. They route HTTPS by SNI, publish SMTP only to an allow list, and publish IMAPS. */
export default {
  dag: { mailProtocols: [MailProtocol.smtp(), MailProtocol.imaps()] },
  balancer: { border: BorderAccess.from({ addresses: ["192.0.2.11", "192.0.2.12"], mailPorts: { smtp: 8025, imaps: 8993 } }) },
  border: {
    mode: BorderMode.tcp(),
    publish: [Publication.allDirectories(), Publication.smtp({ allow: HYBRID }), Publication.mail(MailProtocol.imaps())],
  },
} satisfies Case;
