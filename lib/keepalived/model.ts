import { OwnLinesModel } from "./own-lines";

/** One node's keepalived, with every decision taken. Addresses may hold Terraform tokens. */
export interface KeepalivedModel {
  /** What a reader should know first, a line of comment each. */
  readonly notes: readonly string[];
  readonly check: {
    /** The script and its arguments. */
    readonly command: string;
    /** Seconds from one run to the next. */
    readonly interval: number;
    /** Seconds after which a run that hangs counts as failed. */
    readonly timeout: number;
  };
  /** A file that says 0 while haproxy runs and 1 when it has ended. */
  readonly eventFile?: string;
  /** A second check, which lowers the priority where no Exchange server is seen. */
  readonly members?: { readonly command: string; readonly interval: number; readonly weight: number };
  /** Seconds between two advertisements. */
  readonly advertInt: string;
  readonly vrrp: VrrpV2Model | VrrpV3Model;
  /** Run at each change of state with INSTANCE, name, state and priority. */
  readonly notify?: string;
  readonly instances: readonly InstanceModel[];
  /** What the user wrote beyond the props. */
  readonly ownLines?: OwnLinesModel;
}

/** VRRPv2, with a password: `Failover.article()`. */
export interface VrrpV2Model {
  readonly version: 2;
  /** The file with the auth_pass line; the password is in no other. */
  readonly authFile: string;
}

export interface VrrpV3Model {
  readonly version: 3;
  /** Seconds that a better node waits before it takes over; none means that it never does. */
  readonly preemptDelay?: number;
  /** The other node's address, where the nodes speak to each other alone. */
  readonly unicastPeer?: string;
  readonly garpRepeat: number;
  /** Seconds. */
  readonly garpRefresh: number;
}

export interface InstanceModel {
  readonly name: string;
  readonly state: "MASTER" | "BACKUP";
  readonly interface: string;
  readonly virtualRouterId: number;
  readonly priority: number;
  readonly addresses: readonly string[];
  /** Held like the others and not advertised: VRRP advertises one family only. */
  readonly ipv6Addresses: readonly string[];
}
