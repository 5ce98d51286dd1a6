import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";

/** Runs one step of a command, and prints the step's title and time. If the step fails, this process exits. */
export function step(title: string, [program = "", ...args]: readonly string[]): void {
  const started = Date.now();
  process.stdout.write(`${title} ... `);
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    // jsii's long warning about the age of Node 20 would hide the important lines.
    env: { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: "20" },
  });
  const seconds = `${((Date.now() - started) / 1000).toFixed(1)} s`;
  if (status === 0) {
    process.stdout.write(`${seconds}\n`);
    return;
  }
  process.stdout.write(`FAILED after ${seconds}\n${stdout}${stderr}${error?.message ?? ""}\n`);
  process.exit(status ?? 1);
}

/** Runs a program that prints to this terminal. If the program fails, this process exits. */
export function run([program = "", ...args]: readonly string[]): void {
  const { status } = spawnSync(program, args, { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

/** The path of a program from a package in node_modules. */
export function bin(name: string): string {
  return resolve(join(__dirname, "..", "node_modules", ".bin", name));
}
