import { BalancingMode, Failover } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** The library's failover in TCP mode. */
export default { balancer: { mode: BalancingMode.tcp(), failover: Failover.fast() } } satisfies Case;
