import { BorderMode, Duration, Monitoring, Publication, SslBridgeCert, TlsPolicy, VirtualDirectory } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** Border proxies that publish everything possible, with innerAddresses instead of a pair, and with Edge servers. */
export default {
  border: (stack) => ({
    innerAddresses: ["10.12.8.15", "mail2.mydomain.local", "2001:db8::15"],
    clientNames: ["mail.mydomain.local", "autodiscover.mydomain.local", "hybrid.mydomain.local"],
    mode: BorderMode.sslBridge({
      cert: SslBridgeCert.fromPemFile(stack, "BorderCert", { path: "exch.pem" }),
      sniCerts: [{ cert: SslBridgeCert.fromPemFile(stack, "HybridCert", { path: "hybrid.pem" }), names: ["hybrid.mydomain.local"] }],
      tlsPolicy: TlsPolicy.INTERMEDIATE,
      http2: true,
    }),
    publish: [
      Publication.outlook({ allow: ["198.51.100.0/24"] }),
      Publication.mobile(),
      Publication.webmail({ root: true, allow: ["198.51.100.0/24", "2001:db8:5::/48"] }),
      Publication.hybrid({ networks: ["40.92.0.0/15", "2a01:111:f400::/48"] }),
      Publication.directory(VirtualDirectory.ecp({ serverTimeout: Duration.minutes(5) }), { allow: ["203.0.113.5"] }),
      Publication.directory(VirtualDirectory.of("/x-y.z"), { allow: ["203.0.113.5"] }),
      Publication.smtp({ allow: ["40.92.0.0/15"], edgeServers: ["192.0.2.31", "192.0.2.32"] }),
    ],
    limits: { connections: 200, connectionsPer10s: 100 },
    monitoring: Monitoring.prometheus({ allow: ["10.8.5.9"], tls: true }),
    vip: { virtualAddresses: ["192.0.2.15/24"], virtualIpv6Addresses: ["2001:db8:2::15/64"], interface: "ens192", virtualRouterId: 234 },
  }),
} satisfies Case;
