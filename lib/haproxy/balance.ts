import { BalanceAlgorithm } from "./model";
import { when } from "./section";

/**
 * The lines that say how a backend distributes its clients over the members. `balance source` alone would send a retry
 * to the failed member again. With a consistent hash, a retry goes to a different member (HAProxy 2.0 and later). And if
 * a member is removed, the clients of the other members keep their members.
 */
export function balanceLines(balance: BalanceAlgorithm): readonly string[] {
  return [`balance ${balance}`, ...when(balance === "source", "hash-type consistent")];
}
