import { BalancingMode, SslBridgeCert, TlsPolicy, VirtualDirectory } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** TlsPolicy.OLD: clients may speak TLS 1.0. */
export default {
  dag: { mailProtocols: [], virtualDirectories: [VirtualDirectory.owa()] },
  balancer: (stack) => ({
    mode: BalancingMode.sslBridge({ cert: SslBridgeCert.fromPemFile(stack, "Cert", { path: "exch.pem" }), tlsPolicy: TlsPolicy.OLD }),
    allow: {},
  }),
} satisfies Case;
