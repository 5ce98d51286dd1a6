import { HaproxyLogs } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** Log lines to a syslog server by UDP, over IPv6. */
export default { balancer: { logs: HaproxyLogs.remote({ address: "2001:db8:5::20" }) } } satisfies Case;
