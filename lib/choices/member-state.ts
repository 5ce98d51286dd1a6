import { ServerState } from "../haproxy/model";

/**
 * Whether a DAG member gets sessions. A change takes effect with the next deploy: new
 * sessions follow the new state, and open sessions continue for up to
 * `HaproxyNodeCommonProps.hardStopAfter`.
 */
export enum MemberState {
  /** The member gets its share of sessions by its weight, while its health checks succeed. */
  READY = "ready",
  /**
   * The member gets no new sessions (`weight 0`), and its health is still checked and
   * shown. Use it to wait until the member is quiet, before and after Exchange's own
   * maintenance commands.
   */
  DRAIN = "drain",
  /** The member gets no sessions and is not checked (`disabled`). You can switch it off without log messages. */
  MAINTENANCE = "maintenance",
}

/** Each state as the model of haproxy.cfg has it. */
export const MEMBER_STATE_MODEL: Readonly<Record<MemberState, ServerState>> = {
  [MemberState.READY]: "ready",
  [MemberState.DRAIN]: "drain",
  [MemberState.MAINTENANCE]: "maintenance",
};
