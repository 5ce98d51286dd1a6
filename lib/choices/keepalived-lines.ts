import { Shape, TEXT, listOf } from "../validation/shape";

/**
 * Your own lines for keepalived.conf, for settings that this library has no prop for. Each entry is one line in
 * keepalived's language, known at synthesis. For a block, give the line with `{`, each line of the block, and the line
 * with `}` as separate entries: `["track_interface {", "ens224", "}"]`. The plan shows the lines, and the top of
 * keepalived.conf lists them. Before the lines go live, the keepalived on the host checks them.
 *
 * Synthesis refuses lines that would break this library's guarantees: state, priorities, addresses, authentication,
 * checks, the user of scripts, and every setting that has a prop. docs/own-lines.md has the list.
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
   * Your own blocks: `vrrp_sync_group`, `vrrp_track_process`, `static_ipaddress`, `static_routes`, `static_rules`.
   *
   * @default - none
   */
  readonly sections?: string[];
}

export const KEEPALIVED_LINES: Shape<KeepalivedLines> = { globalDefs: listOf(TEXT), instances: listOf(TEXT), sections: listOf(TEXT) };
