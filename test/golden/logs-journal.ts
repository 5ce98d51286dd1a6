import { HaproxyLogs } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** HaproxyLogs.journal(), without rsyslog. HAProxy 1.8 is left out, because it cannot write to the journal. */
export default { on: ({ haproxyVersion }) => !haproxyVersion.startsWith("1."), balancer: { logs: HaproxyLogs.journal() } } satisfies Case;
