import { BalancingMode, HealthCheck, MailProtocol } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** TCP mode whose health checks verify the members' certificates against a root CA. */
export default {
  dag: { mailProtocols: [MailProtocol.imaps(), MailProtocol.pop3()] },
  balancer: {
    allow: {},
    mode: BalancingMode.tcp({
      healthCheck: HealthCheck.httpGet("/mapi/healthcheck.htm"),
      rootCas: { root: "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n" },
    }),
  },
} satisfies Case;
