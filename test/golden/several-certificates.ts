import { BalancingMode, CertificateMismatch, SslBridgeCert } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** The client name Autodiscover.mydomain.local has its own certificate, with a second root CA. */
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
