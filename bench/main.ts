import { synth } from "./synth/command";

/** What `npm run bench -- NAME` can measure. */
const BENCHES: ReadonlyMap<string, (args: readonly string[]) => void> = new Map([["synth", synth]]);

const [name = "", ...args] = process.argv.slice(2);
const bench = BENCHES.get(name);
try {
  if (bench === undefined) {
    const asked = name === "" ? "no bench was named" : `there is no bench "${name}"`;
    throw new Error(`${asked}; what there is: ${[...BENCHES.keys()].join(", ")} (npm run bench -- ${[...BENCHES.keys()].join("|")})`);
  }
  bench(args);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
