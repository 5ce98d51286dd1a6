import { BalancingMode, Failover } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** The article's site in TCP mode with Failover.fast(), the library's default failover. */
export default { balancer: { mode: BalancingMode.tcp(), failover: Failover.fast() } } satisfies Case;
