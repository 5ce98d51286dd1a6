import { MemberState } from "../member-state";
import { MemberModel } from "./model";

/**
 * The beginning of a server line: who it is and what it gets. `weight 0` is
 * HAProxy's drain: checked, but given no new session; `disabled` is its maintenance.
 */
export function serverHead({ name, host, weight, state }: MemberModel, port: number): string {
  const share = state === MemberState.DRAIN ? 0 : weight;
  return `server ${name} ${host}:${port} weight ${share}${state === MemberState.MAINTENANCE ? " disabled" : ""}`;
}
