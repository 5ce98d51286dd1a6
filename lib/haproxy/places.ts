import { HaproxyModel } from "./model";

/** How many connections each frontend accepts at the same time. */
export interface Places {
  readonly https: number;
  /** The maximum of connections on port 80 in TCP mode. Port 80 then has a frontend of its own. */
  readonly redirect: number;
  readonly mail: (name: string) => number;
}

/**
 * Splits `maxconn` between mail and HTTPS. If mail is served, HTTPS gets at most three quarters, and all mail protocols
 * together get half by default. So at least a quarter stays free for mail, and half stays free for HTTPS.
 */
export function placesOf({ maxconn, mail }: Pick<HaproxyModel, "maxconn" | "mail">): Places {
  const share = (part: number): number => Math.max(1, Math.floor(maxconn * part));
  const given = new Map(mail.map((protocol) => [protocol.name, protocol.maxconn ?? share(1 / 2 / mail.length)]));
  return {
    https: mail.length === 0 ? maxconn : share(3 / 4),
    redirect: share(1 / 10),
    mail: (name) => given.get(name) ?? maxconn,
  };
}
