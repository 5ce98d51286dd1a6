import { HostPart } from "./part";
import { OsFamily } from "./systems";

/** The state that one delivery brings a host to. */
export interface HostState {
  readonly os: { readonly family: OsFamily; readonly version: string };
  /** What happens to a part that is no longer delivered. */
  readonly leave: string;
  /** Whether a first delivery may close ports and remove addresses that the host served before. */
  readonly takeOver?: boolean;
  /** Deliveries of other Terraform states that were made up to this time may be replaced. May be a token. */
  readonly overrule?: string;
  /** The firewall, if the deploy manages it. */
  readonly firewall?: HostFirewall;
  /** The parts, in the order in which their services start. */
  readonly parts: readonly HostPart[];
}

export interface HostFirewall {
  /** The ssh port of the host. It is never closed. */
  readonly sshPort: number;
  /** The firewalld zone in which ports are opened. The default is the zone of the serving interface. May be a token. */
  readonly zone?: string;
  readonly packages: readonly string[];
}
