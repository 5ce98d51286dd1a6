import { AttackPattern, BalancingMode, KnownAttacks, Monitoring, SslBridgeCert } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** The catalogue of known attacks, minus one entry and plus four patterns of the user. The metrics count refusals. */
export default {
  balancer: (stack) => ({
    mode: BalancingMode.sslBridge({
      cert: SslBridgeCert.fromPemFile(stack, "Cert", { path: "exch.pem", rootCas: ["mydomain-root.ca"] }),
      knownAttacks: KnownAttacks.catalogue({
        without: ["tabshell"],
        also: [
          AttackPattern.url("cve-2027-0001", ["/owa/", "frobnicate=\"${X}'\\"]),
          AttackPattern.header("cve-2027-0002", "X-Frob"),
          AttackPattern.cookie("cve-2027-0003", "frob"),
          AttackPattern.method("cve-2027-0004", "PROPFIND"),
        ],
      }),
    }),
    monitoring: Monitoring.prometheus({ allow: ["10.8.5.9"] }),
  }),
} satisfies Case;
