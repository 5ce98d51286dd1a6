import { Shape, TEXT, listOf } from "../validation/shape";

/**
 * Lines for keepalived.conf that this library has no prop for. Each entry is one line in keepalived's own language, known at
 * synthesis. The head of a block with its `{`, the block's lines and its `}` are separate entries:
 * `["track_interface {", "ens224", "}"]`. The lines appear in the plan and are listed at the top of keepalived.conf. The host's
 * own keepalived checks them before they go live.
 *
 * Lines that would break a promise of this library are refused: state, priorities, addresses, authentication, checks, the
 * user of scripts, and everything that is a prop. docs/own-lines.md has the list.
 */
export interface KeepalivedLines {
  /**
   * Lines for `global_defs`, such as a `notification_email` block.
   *
   * @default - none
   */
  readonly globalDefs?: string[];

  /**
   * Lines for each `vrrp_instance`, such as a `track_interface` block.
   *
   * @default - none
   */
  readonly instances?: string[];

  /**
   * Further blocks: `vrrp_sync_group`, `vrrp_track_process`, `static_ipaddress`, `static_routes`, `static_rules`.
   *
   * @default - none
   */
  readonly sections?: string[];
}

export const KEEPALIVED_LINES: Shape<KeepalivedLines> = { globalDefs: listOf(TEXT), instances: listOf(TEXT), sections: listOf(TEXT) };
