import { failover } from "./failover/command";
import { proxy } from "./proxy/command";
import { deploy } from "./deploy/command";
import { synth } from "./synth/command";

/** What `npm run bench -- NAME` can measure. */
const BENCHES: ReadonlyMap<string, (args: readonly string[]) => void | Promise<void>> = new Map([
  ["synth", synth],
  ["failover", failover],
  ["proxy", proxy],
  ["deploy", deploy],
]);

async function main([name = "", ...args]: readonly string[]): Promise<void> {
  const bench = BENCHES.get(name);
  if (bench === undefined) {
    const asked = name === "" ? "no bench was named" : `there is no bench "${name}"`;
    throw new Error(`${asked}; what there is: ${[...BENCHES.keys()].join(", ")} (npm run bench -- ${[...BENCHES.keys()].join("|")})`);
  }
  await bench(args);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
