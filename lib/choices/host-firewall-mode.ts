/** Whether the host's firewall is part of what is deployed. */
export enum HostFirewallMode {
  /** firewalld is installed if need be, started, and lets the served ports in. */
  FIREWALLD = "firewalld",
  /** The firewall is somebody else's business and left alone. */
  UNMANAGED = "unmanaged",
}
