/** Whether the deploy manages the host's firewall. */
export enum HostFirewallMode {
  /**
   * Install firewalld if it is missing, start it, and open the served ports in the zone of the serving interface.
   * The deploy stops before it changes anything if something else filters on the host: ufw, nftables.service,
   * iptables-services, netfilter-persistent, or rules that no service owns.
   */
  FIREWALLD = "firewalld",
  /** Leave the firewall alone. Open the ports yourself: docs/firewall.md. */
  UNMANAGED = "unmanaged",
}
