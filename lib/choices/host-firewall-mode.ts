/** Whether the host's firewall is part of what is deployed. */
export enum HostFirewallMode {
  /**
   * firewalld is installed if need be, started, and lets the served ports in, in the zone of the interface that serves.
   * A deploy stops before it changes anything if something else filters on the host: ufw, nftables.service,
   * iptables-services, netfilter-persistent, or rules that no service owns.
   */
  FIREWALLD = "firewalld",
  /** The firewall is somebody else's business and left alone. */
  UNMANAGED = "unmanaged",
}
