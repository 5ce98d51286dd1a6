import { MailProtocol, VirtualDirectory } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** Networks for hybrid: the site's own network and two of Microsoft's. */
const HYBRID = ["10.0.0.0/8", "40.92.0.0/15", "2603:1000::/25"];

/**
 * Allow lists for directories and mail services. Four SMTP services; two of these services have their own virtual
 * address.
 */
export default {
  dag: {
    mailProtocols: [
      MailProtocol.smtp({ allow: ["192.0.2.25"] }),
      MailProtocol.smtp({ port: 2525, memberPort: 2526, memberMaxconn: 100 }),
      MailProtocol.smtp({ role: "devices", address: "10.12.8.16", memberPort: 2527, allow: ["10.8.6.0/24"] }),
      MailProtocol.smtp({ role: "gateway", address: "2001:db8:8::16" }),
      MailProtocol.submission({ allow: ["10.0.0.0/8", "2001:db8::/32"] }),
      MailProtocol.imaps({ allow: ["10.0.0.0/8"] }),
    ],
    virtualDirectories: [
      VirtualDirectory.of("/OWA"),
      VirtualDirectory.of("/ECP"),
      VirtualDirectory.autodiscover({ allow: HYBRID }),
      VirtualDirectory.ews({ allow: HYBRID }),
      VirtualDirectory.mapi({ allow: ["10.0.0.0/8"] }),
      VirtualDirectory.activeSync({ allow: ["10.9.0.0/16"] }),
      VirtualDirectory.powerShell({ allow: ["10.8.5.17"] }),
      VirtualDirectory.of("/API", { allow: ["10.8.5.17"] }),
    ],
  },
  balancer: { virtualAddresses: ["10.12.8.15/24", "10.12.8.16/24"], virtualIpv6Addresses: ["2001:db8:8::16/64"] },
} satisfies Case;
