type Bench = (args: readonly string[]) => void | Promise<void>;

/** The benches of `npm run bench -- NAME`. Each is imported only when it runs, because some import the built package. */
const BENCHES: ReadonlyMap<string, () => Promise<Bench>> = new Map<string, () => Promise<Bench>>([
  ["synth", async () => (await import("./synth/command")).synth],
  ["failover", async () => (await import("./failover/command")).failover],
  ["proxy", async () => (await import("./proxy/command")).proxy],
  ["deploy", async () => (await import("./deploy/command")).deploy],
]);

async function main([name = "", ...args]: readonly string[]): Promise<void> {
  const bench = BENCHES.get(name);
  if (bench === undefined) {
    const asked = name === "" ? "no bench was named" : `there is no bench "${name}"`;
    throw new Error(`${asked}. The benches are: ${[...BENCHES.keys()].join(", ")} (npm run bench -- ${[...BENCHES.keys()].join("|")})`);
  }
  await (await bench())(args);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
