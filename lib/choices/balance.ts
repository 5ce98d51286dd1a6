import { BalanceAlgorithm } from "../haproxy/model";

/**
 * How a backend distributes clients over the members: HAProxy's `balance`.
 *
 * @see https://docs.haproxy.org/2.6/configuration.html#4.2-balance
 */
export enum Balance {
  /** Each member in turn, in proportion to its weight. */
  ROUNDROBIN = "roundrobin",
  /** The member with the fewest connections. Fits long sessions, such as IMAP's. */
  LEASTCONN = "leastconn",
  /** The member that a hash of the client's address selects, so a client always reaches the same member. */
  SOURCE = "source",
}

/** Each choice in HAProxy's own word. */
export const BALANCE_MODEL: Readonly<Record<Balance, BalanceAlgorithm>> = {
  [Balance.ROUNDROBIN]: "roundrobin",
  [Balance.LEASTCONN]: "leastconn",
  [Balance.SOURCE]: "source",
};
