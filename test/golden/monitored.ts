import { Monitoring } from "cdktf-exchange-balancer";
import { HOST_KEY, secret } from "../support/site";
import type { Case } from "../support/site";

/** The metrics port with all settings. The backup's host is a DNS name, so it needs a monitoringAddress. */
export default {
  balancer: (stack) => ({
    monitoring: Monitoring.prometheus({ allow: ["10.8.5.9", "2001:db8:5::/64"], tls: true, password: secret(stack, "metrics"), statusPageWritable: true }),
    backup: { host: "lb02.mydomain.local", monitoringAddress: "2001:db8:8::12", hostKey: HOST_KEY },
    backupVrrpAddress: "10.12.8.12",
  }),
} satisfies Case;
