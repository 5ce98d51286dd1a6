import { BalancingMode, Duration, Failover } from "cdktf-exchange-balancer";
import type { Case } from "../support/site";

/** TCP mode, active-active: each node prefers its own IPv4 and IPv6 address; all settings of keepalived are set. */
export default {
  balancer: {
    mode: BalancingMode.tcp(),
    virtualAddresses: ["10.12.8.15/24"],
    virtualIpv6Addresses: ["2001:db8:8::15/64"],
    activeActive: { virtualAddresses: ["10.12.8.16/24"], virtualIpv6Addresses: ["2001:db8:8::16/64"], virtualRouterId: 234 },
    masterVrrpAddress: "10.12.8.111",
    backupVrrpAddress: "10.12.8.112",
    backupInterface: "ens224",
    notifyCommand: "/bin/true",
    failover: Failover.lan({
      advertisementInterval: Duration.millis(20),
      checkInterval: Duration.seconds(2),
      preemptDelay: Duration.seconds(30),
      yieldWithoutMembers: true,
      garpRepeat: 3,
      garpRefresh: Duration.minutes(5),
    }),
  },
} satisfies Case;
