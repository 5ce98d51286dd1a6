import { BalanceAlgorithm } from "../haproxy/model";

/**
 * How a backend distributes clients over the members: HAProxy's `balance`.
 *
 * @see https://docs.haproxy.org/2.6/configuration.html#4.2-balance
 */
export enum Balance {
  /** Use the members in turn, in proportion to their weights. */
  ROUNDROBIN = "roundrobin",
  /** Use the member with the fewest connections. This suits long sessions, such as IMAP sessions. */
  LEASTCONN = "leastconn",
  /** Select the member by a hash of the client's address, so that a client always reaches the same member. */
  SOURCE = "source",
}

/** The name of each algorithm in haproxy.cfg. */
export const BALANCE_MODEL: Readonly<Record<Balance, BalanceAlgorithm>> = {
  [Balance.ROUNDROBIN]: "roundrobin",
  [Balance.LEASTCONN]: "leastconn",
  [Balance.SOURCE]: "source",
};
