/** Whether the deploy manages the host's firewall. */
export enum HostFirewallMode {
  /**
   * Install firewalld if it is missing, start it, and open the served ports in the zone of the serving interface. If
   * something else filters packets on the host (ufw, nftables.service, iptables-services, netfilter-persistent, or
   * rules that no service owns), the deploy stops before it changes anything.
   */
  FIREWALLD = "firewalld",
  /** Do not change the firewall. Open the ports yourself; docs/firewall.md lists them. */
  UNMANAGED = "unmanaged",
}
