import { BalanceAlgorithm } from "./model";
import { when } from "./section";

/**
 * How a backend distributes its clients. With `balance source` alone, a retry would find the failed member again. With
 * a consistent hash, a retry finds another member (HAProxy 2.0 and later), and other clients keep their members when a
 * member is removed.
 */
export function balanceLines(balance: BalanceAlgorithm): readonly string[] {
  return [`balance ${balance}`, ...when(balance === "source", "hash-type consistent")];
}
