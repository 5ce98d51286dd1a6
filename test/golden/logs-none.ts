import { HaproxyLogs } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** HaproxyLogs.none(), without log formats, because HAProxy warns about a log format without a log. */
export default { balancer: { logs: HaproxyLogs.none() } } satisfies Case;
