import { ServerState } from "../haproxy/model";

/**
 * What a DAG member is to the balancers. A change rolls out like any other: the
 * new haproxy process sends new sessions by it, the former one finishes those that
 * are open, for as long as `HaproxyNodeCommonProps.hardStopAfter`.
 */
export enum MemberState {
  /** It takes its share by its weight, as long as its health checks succeed. */
  READY = "ready",
  /**
   * It gets no new session (`weight 0`), while its health goes on being checked and
   * shown: the state to wait in, before Exchange's own maintenance commands and
   * after them.
   */
  DRAIN = "drain",
  /** It gets no session and is not checked (`disabled`): it may be switched off without a line in the log. */
  MAINTENANCE = "maintenance",
}

/** Each state as the model of haproxy.cfg has it. */
export const MEMBER_STATE_MODEL: Readonly<Record<MemberState, ServerState>> = {
  [MemberState.READY]: "ready",
  [MemberState.DRAIN]: "drain",
  [MemberState.MAINTENANCE]: "maintenance",
};
