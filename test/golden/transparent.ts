import { BalancingMode, MailProtocol, SslBridgeCert, TransparentProxy } from "cdktf-exchange-balancer";
import { HAPROXY_FEATURES } from "../../lib/haproxy/versions";
import type { Case } from "../support/site";

/** TransparentProxy.clients() with IPv4 and IPv6, on the systems whose HAProxy can be transparent without being root. */
export default {
  on: ({ _haproxy: version }) => HAPROXY_FEATURES[version].keepsCapabilities,
  dag: {
    members: [{ name: "exch01", host: "10.12.8.21", weight: 75 }, { name: "exch02", host: "10.12.8.22", weight: 25 }],
    mailProtocols: [MailProtocol.smtp(), MailProtocol.imap()],
  },
  balancer: (stack) => ({
    mode: BalancingMode.sslBridge({ cert: SslBridgeCert.fromPemFile(stack, "Cert", { path: "exch.pem", rootCas: ["mydomain-root.ca"] }) }),
    virtualIpv6Addresses: ["2001:db8:12::15/64"],
    transparentProxy: TransparentProxy.clients({
      ipv6: { memberAddresses: ["2001:db8:12::21", "2001:db8:12::22"], masterAddress: "2001:db8:12::11", backupAddress: "2001:db8:12::12" },
    }),
  }),
} satisfies Case;
