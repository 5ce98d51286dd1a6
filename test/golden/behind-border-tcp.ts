import { BalancingMode, BorderAccess } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** A pair in TCP mode behind border proxies. The border proxies do not connect to the default ports. */
export default {
  balancer: {
    mode: BalancingMode.tcp(),
    border: BorderAccess.from({ addresses: ["192.0.2.11"], httpsPort: 10_443, mailPorts: { smtp: 10_025 } }),
  },
} satisfies Case;
