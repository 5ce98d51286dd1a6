import { OwnLinesModel } from "./own-lines";

/** The model of one node's keepalived.conf. Addresses may contain Terraform tokens. */
export interface KeepalivedModel {
  /** Comment lines at the top of the file. */
  readonly notes: readonly string[];
  readonly check: {
    /** The script and its arguments. */
    readonly command: string;
    /** Seconds from one run to the next. */
    readonly interval: number;
    /** Seconds after which a check that hangs counts as failed. */
    readonly timeout: number;
  };
  /** A file that contains 0 while haproxy runs, and 1 after haproxy has ended. */
  readonly eventFile?: string;
  /** A second check. It lowers the priority if HAProxy sees no Exchange server. */
  readonly members?: { readonly command: string; readonly interval: number; readonly weight: number };
  /** Seconds between two advertisements. */
  readonly advertInt: string;
  readonly vrrp: VrrpV2Model | VrrpV3Model;
  /** The program that keepalived runs at each change of state, with INSTANCE, name, state and priority. */
  readonly notify?: string;
  readonly instances: readonly InstanceModel[];
  /** The user's own lines. */
  readonly ownLines?: OwnLinesModel;
}

/** VRRPv2, with a password: `Failover.article()`. */
export interface VrrpV2Model {
  readonly version: 2;
  /** The file with the auth_pass line. No other file contains the password. */
  readonly authFile: string;
}

export interface VrrpV3Model {
  readonly version: 3;
  /**
   * Seconds that a node with a higher priority waits before it takes over. Undefined: it never takes over from a
   * working node.
   */
  readonly preemptDelay?: number;
  /** The other node's address, if VRRP is unicast. Undefined for multicast. */
  readonly unicastPeer?: string;
  readonly garpRepeat: number;
  /** In seconds. */
  readonly garpRefresh: number;
}

export interface InstanceModel {
  readonly name: string;
  readonly state: "MASTER" | "BACKUP";
  readonly interface: string;
  readonly virtualRouterId: number;
  readonly priority: number;
  readonly addresses: readonly string[];
  /**
   * Virtual IPv6 addresses. keepalived holds them together with the IPv4 addresses, but does not advertise them,
   * because VRRP advertises only one family.
   */
  readonly ipv6Addresses: readonly string[];
}
