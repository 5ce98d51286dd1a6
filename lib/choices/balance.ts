import { BalanceAlgorithm } from "../haproxy/model";

/**
 * How a backend distributes clients over the members: HAProxy's `balance`.
 *
 * @see https://docs.haproxy.org/2.6/configuration.html#4.2-balance
 */
export enum Balance {
  /** Each member in turn, in proportion to the members' weights. */
  ROUNDROBIN = "roundrobin",
  /** The member with the fewest connections. Use it for long sessions, such as IMAP sessions. */
  LEASTCONN = "leastconn",
  /** The member that a hash of the client's address selects. So a client always reaches the same member. */
  SOURCE = "source",
}

/** HAProxy's word for each choice. */
export const BALANCE_MODEL: Readonly<Record<Balance, BalanceAlgorithm>> = {
  [Balance.ROUNDROBIN]: "roundrobin",
  [Balance.LEASTCONN]: "leastconn",
  [Balance.SOURCE]: "source",
};
