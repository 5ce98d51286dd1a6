import { BalancingMode, CertificateMismatch, SslBridgeCert } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** One name has a certificate of its own, from another CA. */
export default {
  balancer: (stack) => ({
    mode: BalancingMode.sslBridge({
      cert: SslBridgeCert.fromPemFile(stack, "Cert", { path: "exch.pem", rootCas: ["mydomain-root.ca"], expiryWarningDays: 14 }),
      sniCerts: [
        {
          cert: SslBridgeCert.fromPemFile(stack, "Autodiscover", { path: "autodiscover.pem", rootCas: ["mydomain-root.ca", "other-root.ca"] }),
          names: ["Autodiscover.mydomain.local"],
        },
      ],
      onCertificateMismatch: CertificateMismatch.WARN,
    }),
  }),
} satisfies Case;
