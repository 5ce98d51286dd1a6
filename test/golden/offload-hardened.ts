import { BalancingMode, PathStrictness, SslBridgeCert, TlsPolicy, VirtualDirectory } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** SSL offloading, with settings that are stricter or looser than the article's. */
export default {
  dag: {
    members: [
      { name: "exch01", host: "10.12.8.21", verifyName: "exch01.mydomain.local" },
      { name: "exch02", host: "exch02.mydomain.local" },
    ],
    healthCheckFall: 2,
    healthCheckRise: 4,
    virtualDirectories: [VirtualDirectory.owa(), VirtualDirectory.of("/api", { healthPath: "/owa/healthcheck.htm" })],
  },
  balancer: (stack) => ({
    mode: BalancingMode.sslOffload({
      cert: SslBridgeCert.fromPemFile(stack, "Cert", { path: "exch.pem" }),
      tlsPolicy: TlsPolicy.INTERMEDIATE,
      pathStrictness: PathStrictness.LENIENT,
      http2: true,
    }),
    allow: { smtp: ["10.8.5.17/32"], owa: ["10.0.0.0/8"] },
    limits: { connections: 200, connectionsPer10s: 100 },
  }),
} satisfies Case;
