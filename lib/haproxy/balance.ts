import { BalanceAlgorithm } from "./model";
import { when } from "./section";

/**
 * How a backend spreads its clients. By the client's address a retry would find the member that has just failed, again;
 * a consistent hash finds another (HAProxy 2.0 and later), and moves no other clients where a member goes.
 */
export function balanceLines(balance: BalanceAlgorithm): readonly string[] {
  return [`balance ${balance}`, ...when(balance === "source", "hash-type consistent")];
}
