import { Shape, TEXT, listOf } from "../validation/shape";

/**
 * Lines of keepalived.conf for what this library has no prop for, each in its place and in keepalived's own words, known at
 * synthesis. Each entry is one line. A block has its head with `{`, its lines and its `}` as entries:
 * `["track_interface {", "ens224", "}"]`. They stand in the plan and at the head of keepalived.conf, and the host's own
 * keepalived checks them before they are live.
 *
 * Refused is what would undo what this library promises: state, priorities, addresses, authentication, checks,
 * who runs scripts, and whatever is a prop. docs/own-lines.md has the list.
 */
export interface KeepalivedLines {
  /** Lines of `global_defs`, such as a `notification_email` block. @default - none */
  readonly globalDefs?: string[];

  /** Lines of each `vrrp_instance`, such as a `track_interface` block. @default - none */
  readonly instances?: string[];

  /** Blocks of their own: `vrrp_sync_group`, `vrrp_track_process`, `static_ipaddress`, `static_routes`, `static_rules`. @default - none */
  readonly sections?: string[];
}

export const KEEPALIVED_LINES: Shape<KeepalivedLines> = { globalDefs: listOf(TEXT), instances: listOf(TEXT), sections: listOf(TEXT) };
