import { HaproxyLogs } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** HaproxyLogs.remote() by UDP to an IPv6 address. */
export default { balancer: { logs: HaproxyLogs.remote({ address: "2001:db8:5::20" }) } } satisfies Case;
