import { HaproxyLogs } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** HaproxyLogs.remote() by TCP. HAProxy 1.8 to 2.4 are left out, because only 2.6 and newer send log lines by TCP. */
export default {
  on: ({ haproxyVersion }) => !/^(1[.]|2[.][0-4])/.test(haproxyVersion),
  balancer: { logs: HaproxyLogs.remote({ address: "10.8.5.20", port: 6514, tcp: true }) },
} satisfies Case;
