/** When the lab's command started. Each line that it prints begins with the seconds since then. */
const began = Date.now();

const seconds = (from: number): string => ((Date.now() - from) / 1000).toFixed(1);

// If the reader of the output has ended, as with `| head`, the lab continues.
process.stdout.on("error", () => undefined);

export function say(line: string): void {
  process.stdout.write(`${seconds(began).padStart(6)} s  ${line}\n`);
}

/** Prints a step's title, runs the step, and prints its time if it took more than a second. */
export async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  say(`${what} …`);
  const from = Date.now();
  const result = await work();
  if (Date.now() - from > 1000) say(`${what}: done in ${seconds(from)} s`);
  return result;
}
