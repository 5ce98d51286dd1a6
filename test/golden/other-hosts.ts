import { Balance, Duration, SslBridgeCert } from "cdktf-exchange-balancer";
import { articleBridge } from "../support/site";
import type { Case } from "../support/site";

/** SSL bridging with three other web sites behind the same address, one with its own certificate, and an ACME responder. */
export default {
  balancer: (stack) => ({
    mode: articleBridge(stack),
    otherHosts: [
      {
        name: "portal", hostNames: ["portal.mydomain.local", "intranet.mydomain.local"], servers: ["10.12.8.41", "portal02.mydomain.local"], healthPath: "/healthz",
        cert: SslBridgeCert.fromPemFile(stack, "Portal", { path: "portal.pem" }), allow: ["10.0.0.0/8"], serverTimeout: Duration.minutes(2),
      },
      { name: "office", hostNames: ["office.mydomain.local"], servers: ["10.12.8.43", "10.12.8.44"], balance: Balance.SOURCE, verifyName: "oos.mydomain.local", healthPath: "/hosting/discovery" },
      { name: "wiki", hostNames: ["wiki.mydomain.local"], servers: ["10.12.8.45"], tls: false, port: 8080 },
    ],
    acmeResponder: "10.12.8.40",
  }),
} satisfies Case;
