import { BalancingMode, SslBridgeCert, TlsPolicy, VirtualDirectory } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** TlsPolicy.MODERN: clients must speak TLS 1.3. */
export default {
  dag: { mailProtocols: [], virtualDirectories: [VirtualDirectory.owa()] },
  balancer: (stack) => ({
    mode: BalancingMode.sslBridge({ cert: SslBridgeCert.fromPemFile(stack, "Cert", { path: "exch.pem" }), tlsPolicy: TlsPolicy.MODERN }),
    allow: {},
  }),
} satisfies Case;
