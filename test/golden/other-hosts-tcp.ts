import { BalancingMode } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** TCP mode with two other web sites, chosen by SNI, and a responder for ACME challenges. */
export default {
  balancer: {
    mode: BalancingMode.tcp(),
    otherHosts: [{ name: "adfs", hostNames: ["sts.mydomain.local"], servers: ["10.12.8.46"], allow: ["10.0.0.0/8", "2001:db8::/32"] }, { name: "portal", hostNames: ["portal.mydomain.local"], servers: ["10.12.8.41"], port: 8443 }],
    acmeResponder: "acme.mydomain.local:8080",
  },
} satisfies Case;
