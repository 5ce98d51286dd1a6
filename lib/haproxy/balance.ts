import { BalanceAlgorithm } from "./model";
import { when } from "./section";

/**
 * How a backend distributes its clients. With `balance source`, a retry would find the failed member again. A
 * consistent hash finds another member (HAProxy 2.0 and later), and moves no other clients when a member is removed.
 */
export function balanceLines(balance: BalanceAlgorithm): readonly string[] {
  return [`balance ${balance}`, ...when(balance === "source", "hash-type consistent")];
}
