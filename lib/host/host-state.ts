import { HostPart } from "./part";
import { OsFamily } from "./systems";

/** What a host must look like: everything that one delivery brings. */
export interface HostState {
  readonly os: { readonly family: OsFamily; readonly version: string };
  /** What becomes of a part that is no longer among the parts. */
  readonly leave: string;
  /** Whether a first delivery may end what was served on the host before. */
  readonly takeOver?: boolean;
  /** The time up to which deliveries of other Terraform states may be replaced. May be a token. */
  readonly overrule?: string;
  /** The firewall, where it is managed. */
  readonly firewall?: HostFirewall;
  /** In the order in which their services come up. */
  readonly parts: readonly HostPart[];
}

export interface HostFirewall {
  /** The port that ssh itself comes in by; it is never shut. */
  readonly sshPort: number;
  /** firewalld's zone to open ports in; the zone of the interface that serves where not set. May be a token. */
  readonly zone?: string;
  readonly packages: readonly string[];
}
