import { HaproxyModel } from "./model";

/** The values of `maxconn` for HAProxy's frontends: how many connections each frontend may have at the same time. */
export interface Places {
  readonly https: number;
  /** The `maxconn` of the frontend for port 80. Port 80 has its own frontend only in TCP mode. */
  readonly redirect: number;
  readonly mail: (name: string) => number;
}

/**
 * Limits which share of `maxconn` HTTPS and mail may each use. The shares overlap. Without mail, HTTPS may use all
 * connections. With mail, HTTPS may use three quarters, so a quarter is always left for mail. If no mail protocol sets
 * its own `maxconn`, all mail protocols together may use half, so half is always left for HTTPS.
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
