import { HostPart } from "./part";
import { OsFamily } from "./systems";

/** The state that a delivery gives to a host. A delivery is one run of apply.sh on the host. */
export interface HostState {
  readonly os: { readonly family: OsFamily; readonly version: string };
  /** The removal policy for parts that a later delivery no longer contains: retain, release or destroy. */
  readonly leave: string;
  /**
   * Whether the first delivery may close ports and remove virtual addresses that the host serves now, but that this
   * HostState does not contain.
   */
  readonly takeOver?: boolean;
  /**
   * A time in UTC. This delivery may replace what another Terraform state, or a newer copy of the same state, delivered
   * up to this time. May be a token.
   */
  readonly overrule?: string;
  /** The firewall. Undefined if the deploy does not manage it. */
  readonly firewall?: HostFirewall;
  /** The parts, in the order in which their services start. */
  readonly parts: readonly HostPart[];
}

export interface HostFirewall {
  /** The ssh port of the host. The deploy never closes it. */
  readonly sshPort: number;
  /**
   * The firewalld zone in which the deploy opens ports. Undefined: the zone of the interface on which the host serves.
   * May be a token.
   */
  readonly zone?: string;
  readonly packages: readonly string[];
}
