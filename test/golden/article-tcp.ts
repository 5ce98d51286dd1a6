import { BalancingMode } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** The article's site, but in TCP mode. */
export default { balancer: { mode: BalancingMode.tcp() } } satisfies Case;
