import { BalancingMode, ExchangeBalancerProps, MailProtocol, SslBridgeCert, TransparentProxy } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** Exchange sees the clients, on IPv4 and IPv6, where HAProxy is new enough; elsewhere its addresses stay the balancers'. */
export default {
  dag: { mailProtocols: [MailProtocol.smtp(), MailProtocol.imap()] },
  balancer: (stack, os): Partial<ExchangeBalancerProps> => ({
    mode: BalancingMode.sslBridge({ cert: SslBridgeCert.fromPemFile(stack, "Cert", { path: "exch.pem", rootCas: ["mydomain-root.ca"] }) }),
    virtualIpv6Addresses: ["2001:db8:12::15/64"],
  }),
} satisfies Case;
