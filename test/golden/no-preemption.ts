import { BalancingMode, Failover } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** No preemption: an address stays on its node until this node fails. Advertisements go by multicast. */
export default {
  balancer: { mode: BalancingMode.tcp(), failover: Failover.fast({ preempt: false, multicast: true }) },
} satisfies Case;
