import { BorderAccess, MailProtocol, VirtualDirectory } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/**
 * A pair behind border proxies, which connect over IPv4 and IPv6. The pair also serves the directory /api, which hybrid
 * deployments need, and receives submission from the border proxies on a separate port.
 */
export default {
  dag: {
    virtualDirectories: [
      VirtualDirectory.autodiscover(), VirtualDirectory.mapi(), VirtualDirectory.owa(), VirtualDirectory.ecp(), VirtualDirectory.ews(), VirtualDirectory.of("/api"),
    ],
    mailProtocols: [MailProtocol.smtp(), MailProtocol.submission()],
  },
  balancer: {
    border: BorderAccess.from({ addresses: ["192.0.2.11", "192.0.2.12", "2001:db8:2::11"], mailPorts: { smtp: 8025, submission: 8587 } }),
    limits: { connections: 200, connectionsPer10s: 100 },
    ipv6: true,
  },
} satisfies Case;
