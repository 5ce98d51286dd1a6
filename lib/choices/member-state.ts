import { ServerState } from "../haproxy/model";

/**
 * Whether a DAG member gets sessions. A change takes effect with the next deploy: new sessions follow the new state.
 * Open sessions continue for up to `HaproxyNodeCommonProps.hardStopAfter`.
 */
export enum MemberState {
  /** The member gets sessions in proportion to its weight, if its health checks succeed. */
  READY = "ready",
  /**
   * The member gets no new sessions (`weight 0`), but HAProxy still checks and shows its health. Use this state to wait
   * until the member has no sessions, before and after Exchange's own maintenance commands.
   */
  DRAIN = "drain",
  /**
   * The member gets no sessions, and HAProxy does not check it (`disabled`). If you then switch the member off, HAProxy
   * logs nothing.
   */
  MAINTENANCE = "maintenance",
}

/** Each state in the model of haproxy.cfg. */
export const MEMBER_STATE_MODEL: Readonly<Record<MemberState, ServerState>> = {
  [MemberState.READY]: "ready",
  [MemberState.DRAIN]: "drain",
  [MemberState.MAINTENANCE]: "maintenance",
};
