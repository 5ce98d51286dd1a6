import { HaproxyLogs } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** Log lines in the journal, to which HAProxy 1.8 cannot write: no rsyslog, and no files of its. */
export default { on: ({ haproxyVersion }) => !haproxyVersion.startsWith("1."), balancer: { logs: HaproxyLogs.journal() } } satisfies Case;
