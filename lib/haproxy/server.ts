import { CheckTimingModel, MemberModel, ResolversModel } from "./model";

/**
 * The beginning of a server line: who it is and what it gets. `weight 0` is
 * HAProxy's drain: checked, but given no new session; `disabled` is its maintenance.
 */
export function serverHead({ name, host, weight, state }: MemberModel, port: number): string {
  const share = state === "drain" ? 0 : weight;
  return `server ${name} ${host}:${port} weight ${share}${state === "maintenance" ? " disabled" : ""}`;
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
