import { CheckTimingModel, MemberModel, ResolversModel } from "./model";

/**
 * The beginning of a server line: name, address, weight and state. `weight 0` drains a member: HAProxy checks it, but
 * gives it no new sessions. `disabled` puts a member into maintenance.
 */
export function serverHead({ name, host, weight, state }: MemberModel, port: number): string {
  const share = state === "drain" ? 0 : weight;
  return `server ${name} ${host}:${port} weight ${share}${state === "maintenance" ? " disabled" : ""}`;
}

/** The option that lets all backup members share the sessions. By default, only the first backup member gets sessions. */
export function backupLines(members: readonly MemberModel[]): readonly string[] {
  return members.some(({ backup }) => backup === true) ? ["option allbackups"] : [];
}

/**
 * The end of a server line. A backup member gets the word `backup`: it serves only while all members without this word
 * are down. The members without this word get `on-marked-up shutdown-backup-sessions`: as soon as one of these members
 * is up again, HAProxy ends the sessions of the backup members, so that no session stays at the backup members' site.
 */
export function serverTail({ backup }: MemberModel, members: readonly MemberModel[]): string {
  if (backup === true) return " backup";
  return members.some((other) => other.backup === true) ? " on-marked-up shutdown-backup-sessions" : "";
}

/**
 * The option that ends a member's TCP sessions when HAProxy marks the member down. Without this option, the clients
 * would wait until the idle timeout. A drained member does not get this option, because its checks may fail long before
 * its last session ends, and the session would then be cut.
 */
export function letGoWords({ state }: MemberModel): string {
  return state === "ready" ? " on-marked-down shutdown-sessions" : "";
}

/**
 * The check options of a server line: the intervals, and how many checks mark the member up or down. If HAProxy itself
 * resolves the members' names, the options `resolvers` and `init-addr` follow.
 */
export function checkWords(timing: CheckTimingModel, resolvers: ResolversModel): string {
  const { interval, fastInterval, fall, rise } = timing;
  return (
    `check inter ${interval} fastinter ${fastInterval} fall ${fall} rise ${rise}` +
    // `init-addr none` leaves out the default method libc. With libc, HAProxy waits at its start for a dead name server
    // (20 s for each line, measured).
    (resolvers.nameServers.length > 0 ? " resolvers dns init-addr none" : "")
  );
}

/** The options with which HAProxy verifies a member's certificate (chain and name), both for traffic and for checks. */
export function verifyWords({ verifyName }: MemberModel, caFile: string): string {
  return `verify required ca-file ${caFile} check-sni ${verifyName} verifyhost ${verifyName}`;
}
