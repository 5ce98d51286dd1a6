import { BalancingMode, Failover } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** Addresses stay where they are until that node fails; advertisements go to the whole network. */
export default {
  balancer: { mode: BalancingMode.tcp(), failover: Failover.fast({ preempt: false, multicast: true }) },
} satisfies Case;
