import { BalanceAlgorithm } from "../haproxy/model";

/**
 * How a backend spreads its clients over the members: HAProxy's `balance`.
 *
 * @see https://docs.haproxy.org/2.6/configuration.html#4.2-balance
 */
export enum Balance {
  /** Each member in turn, according to its weight. */
  ROUNDROBIN = "roundrobin",
  /** The member with the fewest connections: for long sessions, such as IMAP's. */
  LEASTCONN = "leastconn",
  /** By a hash of the client's address: the same client reaches the same member. */
  SOURCE = "source",
}

/** Each choice in HAProxy's own word. */
export const BALANCE_MODEL: Readonly<Record<Balance, BalanceAlgorithm>> = {
  [Balance.ROUNDROBIN]: "roundrobin",
  [Balance.LEASTCONN]: "leastconn",
  [Balance.SOURCE]: "source",
};
