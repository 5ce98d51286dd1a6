import { BalancingMode, Duration, SslBridgeCert, VirtualDirectory } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** A minimal site: SSL bridging with two virtual directories, and without mail protocols, allow lists and port 80. */
export default {
  dag: { mailProtocols: [], virtualDirectories: [VirtualDirectory.mapi(), VirtualDirectory.autodiscover()] },
  balancer: (stack) => ({
    mode: BalancingMode.sslBridge({
      cert: SslBridgeCert.fromPemFile(stack, "Cert", { path: "exch.pem" }),
      redirectToHttps: false,
      responseHeaders: { "X-Frame-Options": "DENY", Server: "it's {mail}; #1" },
      clientTimeout: Duration.minutes(1),
    }),
    allow: {},
  }),
} satisfies Case;
