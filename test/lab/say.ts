/** The lab says what it is doing while it does it: one line a step, with the seconds since it began. */

const began = Date.now();

const seconds = (from: number): string => ((Date.now() - from) / 1000).toFixed(1);

// A reader that has gone, as `| head` does, is no reason to stop half way.
process.stdout.on("error", () => undefined);

export function say(line: string): void {
  process.stdout.write(`${seconds(began).padStart(6)} s  ${line}\n`);
}

/** Announces a step, does it, and says how long it took where that is worth knowing. */
export async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  say(`${what} …`);
  const from = Date.now();
  const result = await work();
  if (Date.now() - from > 1000) say(`${what}: done in ${seconds(from)} s`);
  return result;
}
