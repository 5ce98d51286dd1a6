import { BalancingMode, Duration, Monitoring, PasswordGuessing, SslBridgeCert } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** PasswordGuessing.stop() with all settings; both nodes share the bans. */
export default {
  balancer: (stack) => ({
    mode: BalancingMode.sslBridge({
      cert: SslBridgeCert.fromPemFile(stack, "Cert", { path: "exch.pem", rootCas: ["mydomain-root.ca"] }),
      passwordGuessing: PasswordGuessing.stop({ banTime: Duration.minutes(15), exceptions: ["10.8.7.1", "2001:db8:7::/64"], peerPort: 8407 }),
    }),
    monitoring: Monitoring.prometheus({ allow: ["10.8.5.9"] }),
  }),
} satisfies Case;
