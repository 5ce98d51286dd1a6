import { HaproxyModel } from "./model";

/** How many connections each frontend takes at once, of the `maxconn` that the process has. */
export interface Places {
  readonly https: number;
  /** Port 80 in TCP mode, which has a frontend of its own. */
  readonly redirect: number;
  readonly mail: (name: string) => number;
}

/**
 * Splits `maxconn` so that mail and HTTPS do not starve each other: HTTPS takes at most three quarters, all mail
 * protocols together at most a half. Whatever one of the two does, the other has a quarter, or a half, left.
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
