import { spawnSync } from "node:child_process";

/** Runs one step of a command, saying what it is and how long it took; ends the whole if it fails. */
export function step(title: string, command: readonly string[]): void {
  const started = Date.now();
  process.stdout.write(`${title} ... `);
  const [program = "", ...args] = command;
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    // Node 20 is what the machines have; jsii's banner about its age is
    // a page long and hides what matters.
    env: { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: "20" },
  });
  const seconds = `${((Date.now() - started) / 1000).toFixed(1)} s`;
  if (status === 0) {
    process.stdout.write(`${seconds}\n`);
    return;
  }
  process.stdout.write(`FAILED after ${seconds}\n${stdout}${stderr}${error === undefined ? "" : error.message}\n`);
  process.exit(status ?? 1);
}

/** A program that a package in node_modules brings. */
export function bin(name: string): string {
  return require.resolve(`../node_modules/.bin/${name}`);
}
