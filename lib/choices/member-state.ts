import { ServerState } from "../haproxy/model";

/**
 * Whether a DAG member gets sessions. A change takes effect with the next deploy: new sessions follow the new state.
 * Open sessions continue for up to `HaproxyNodeCommonProps.hardStopAfter`.
 */
export enum MemberState {
  /** The member gets sessions in proportion to its weight, if its health checks succeed. */
  READY = "ready",
  /**
   * The member gets no new sessions (`weight 0`), but HAProxy continues to check the member's health and to show the
   * result. Before you run Exchange's own maintenance commands, set this state and wait until the member has no
   * sessions. To bring the server back after maintenance, set `DRAIN`, end Exchange's maintenance, wait until the
   * checks succeed, and then set `READY` (docs/reliability.md).
   */
  DRAIN = "drain",
  /**
   * The member gets no sessions, and HAProxy does not check it (`disabled`). If you then switch the member off, HAProxy
   * does not log an outage.
   */
  MAINTENANCE = "maintenance",
}

/** The name of each state in HAProxy's model. */
export const MEMBER_STATE_MODEL: Readonly<Record<MemberState, ServerState>> = {
  [MemberState.READY]: "ready",
  [MemberState.DRAIN]: "drain",
  [MemberState.MAINTENANCE]: "maintenance",
};
