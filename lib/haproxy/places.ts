import { HaproxyModel } from "./model";

/** The values of `maxconn` for HAProxy's frontends: how many connections each frontend may have at the same time. */
export interface Places {
  readonly https: number;
  /** The `maxconn` of the frontend for port 80. Port 80 has its own frontend only in TCP mode. */
  readonly redirect: number;
  readonly mail: (name: string) => number;
}

/**
 * Splits `maxconn` between HTTPS and mail. Without mail, HTTPS gets all connections. With mail, HTTPS gets at most
 * three quarters, so a quarter always stays free for mail. By default, all mail protocols together get at most half, so
 * half stays free for HTTPS.
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
