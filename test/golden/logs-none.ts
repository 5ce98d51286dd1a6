import { HaproxyLogs } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** No log lines, and no formats that HAProxy would warn of. */
export default { balancer: { logs: HaproxyLogs.none() } } satisfies Case;
