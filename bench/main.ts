import { proxy } from "./proxy/command";
import { synth } from "./synth/command";

/** What `npm run bench -- NAME` can measure. */
const BENCHES = new Map<string, (args: readonly string[]) => void | Promise<void>>([["synth", synth], ["proxy", proxy]]);

const [name = "", ...args] = process.argv.slice(2);
const bench = BENCHES.get(name);
async function main(): Promise<void> {
  if (bench === undefined) {
    const asked = name === "" ? "no bench was named" : `there is no bench "${name}"`;
    throw new Error(`${asked}; what there is: ${[...BENCHES.keys()].join(", ")} (npm run bench -- ${[...BENCHES.keys()].join("|")})`);
  }
  await bench(args);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
