import { OwnLinesModel } from "./own-lines";

/** The model of one node's keepalived.conf. Addresses may contain Terraform tokens. */
export interface KeepalivedModel {
  /** Comment lines at the top of the file. */
  readonly notes: readonly string[];
  readonly check: {
    /** The check script and its arguments. */
    readonly command: string;
    /** Seconds from one run of the check script to the next. */
    readonly interval: number;
    /** Seconds after which a hanging check script counts as failed. */
    readonly timeout: number;
  };
  /** A file that contains 0 while haproxy runs, and 1 after haproxy has ended. */
  readonly eventFile?: string;
  /** The check that lowers the node's priority if HAProxy sees no Exchange server. */
  readonly members?: { readonly command: string; readonly interval: number; readonly weight: number };
  /** Seconds between two advertisements. */
  readonly advertInt: string;
  readonly vrrp: VrrpV2Model | VrrpV3Model;
  /** The program that keepalived runs at each change of state. Its arguments are INSTANCE, name, state and priority. */
  readonly notify?: string;
  readonly instances: readonly InstanceModel[];
  /** The user's own lines for keepalived.conf. */
  readonly ownLines?: OwnLinesModel;
}

/** The settings of VRRPv2 with a password, for `Failover.article()`. */
export interface VrrpV2Model {
  readonly version: 2;
  /** The file with the auth_pass line. No other file contains the password. */
  readonly authFile: string;
}

export interface VrrpV3Model {
  readonly version: 3;
  /**
   * Seconds that the node with the higher priority waits before it takes the virtual addresses from a working node. If
   * undefined, a node never takes the virtual addresses from a working node.
   */
  readonly preemptDelay?: number;
  /** The other node's address, if VRRP is unicast. Undefined for multicast. */
  readonly unicastPeer?: string;
  readonly garpRepeat: number;
  /** Seconds from one announcement of the virtual addresses (gratuitous ARP) to the next. */
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
