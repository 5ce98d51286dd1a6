import { CheckTimingModel, MemberModel, ResolversModel } from "./model";

/**
 * The beginning of a server line: name, address, weight and state. `weight 0` drains a member: HAProxy checks it, but
 * gives it no new sessions. `disabled` is maintenance.
 */
export function serverHead({ name, host, weight, state }: MemberModel, port: number): string {
  const share = state === "drain" ? 0 : weight;
  return `server ${name} ${host}:${port} weight ${share}${state === "maintenance" ? " disabled" : ""}`;
}

/** If some members are backups, all of these share the sessions when they are needed, not only the first backup. */
export function backupLines(members: readonly MemberModel[]): readonly string[] {
  return members.some(({ backup }) => backup === true) ? ["option allbackups"] : [];
}

/**
 * The end of a server line: `backup` if the member serves only while all other members are down. When another member
 * comes back, HAProxy ends the sessions with backup members, so that no session stays at the other site.
 */
export function serverTail({ backup }: MemberModel, members: readonly MemberModel[]): string {
  if (backup === true) return " backup";
  return members.some((other) => other.backup === true) ? " on-marked-up shutdown-backup-sessions" : "";
}

/**
 * Ends the TCP sessions of a member that is marked down, because their clients would otherwise wait until the idle
 * timeout. A drained member keeps its sessions, because it may fail its checks long before its last session ends.
 */
export function letGoWords({ state }: MemberModel): string {
  return state === "ready" ? " on-marked-down shutdown-sessions" : "";
}

/**
 * The check options of a server line: the interval, and how many checks decide. If HAProxy itself resolves names, the
 * word `resolvers` follows.
 */
export function checkWords(timing: CheckTimingModel, resolvers: ResolversModel): string {
  const { interval, fastInterval, fall, rise } = timing;
  return (
    `check inter ${interval} fastinter ${fastInterval} fall ${fall} rise ${rise}` +
    // Without libc, HAProxy does not wait for a dead name server at its start (20 s for each line, measured).
    (resolvers.nameServers.length > 0 ? " resolvers dns init-addr none" : "")
  );
}

/** How HAProxy verifies a member's certificate (chain and name), in traffic and in checks. */
export function verifyWords({ verifyName }: MemberModel, caFile: string): string {
  return `verify required ca-file ${caFile} check-sni ${verifyName} verifyhost ${verifyName}`;
}
