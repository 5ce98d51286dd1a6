import { readFileSync } from "node:fs";
import * as path from "node:path";
import type { Host } from "./hosts";

const SCRIPT = readFileSync(path.join(__dirname, "outage.py"), "utf8");

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Runs `happens`, while a client connects to the address every 10 ms. Returns for how many seconds the address was not served.
 * The client measures for at most `seconds`.
 */
export async function outage(client: Host, address: string, seconds: number, happens: () => Promise<unknown>): Promise<number> {
  const watching = client.must(["python3", "-", address, String(seconds)], { input: SCRIPT, timeout: seconds + 20 });
  // Wait for the client's first answers.
  await pause(700);
  await happens();
  return Number(await watching);
}
