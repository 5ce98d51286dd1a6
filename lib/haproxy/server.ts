import { CheckTimingModel, MemberModel, ResolversModel } from "./model";

/**
 * The beginning of a server line: who it is and what it gets. `weight 0` is
 * HAProxy's drain: checked, but given no new session; `disabled` is its maintenance.
 */
export function serverHead({ name, host, weight, state }: MemberModel, port: number): string {
  const share = state === "drain" ? 0 : weight;
  return `server ${name} ${host}:${port} weight ${share}${state === "maintenance" ? " disabled" : ""}`;
}

/** Where some members serve only while no other does: all of these share what comes then, not the first alone. */
export function backupLines(members: readonly MemberModel[]): readonly string[] {
  return members.some(({ backup }) => backup === true) ? ["option allbackups"] : [];
}

/**
 * The end of a server line: whether it serves only while no other does. One that is back ends the sessions of those, so
 * that none stays at the other site.
 */
export function serverTail({ backup }: MemberModel, members: readonly MemberModel[]): string {
  if (backup === true) return " backup";
  return members.some((other) => other.backup === true) ? " on-marked-up shutdown-backup-sessions" : "";
}

/**
 * Ends the TCP sessions of a member that is marked down: their clients would wait for it as long as a session may be idle.
 * Not of one that is drained: it may fail its checks long before its last session ends.
 */
export function letGoWords({ state }: MemberModel): string {
  return state === "ready" ? " on-marked-down shutdown-sessions" : "";
}

/** How often a check is made and how many of them count, with ` resolvers` where names are looked up. */
export function checkWords(timing: CheckTimingModel, resolvers: ResolversModel): string {
  const { interval, fastInterval, fall, rise } = timing;
  return (
    `check inter ${interval} fastinter ${fastInterval} fall ${fall} rise ${rise}` +
    // Without libc no start waits for a name server that is dead: 20 s a line (measured).
    (resolvers.nameServers.length > 0 ? " resolvers dns init-addr none" : "")
  );
}

/** The member's certificate as the balancer judges it: its chain and its name, in traffic and in checks. */
export function verifyWords({ verifyName }: MemberModel, caFile: string): string {
  return `verify required ca-file ${caFile} check-sni ${verifyName} verifyhost ${verifyName}`;
}
