import { HaproxyLogs } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** Log lines to a syslog server by TCP, which HAProxy 1.8 to 2.4 are not asked for. */
export default {
  on: ({ haproxyVersion }) => !/^(1[.]|2[.][0-4])/.test(haproxyVersion),
  balancer: { logs: HaproxyLogs.remote({ address: "10.8.5.20", port: 6514, tcp: true }) },
} satisfies Case;
