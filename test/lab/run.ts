import { spawn, type StdioOptions } from "node:child_process";
import { accessSync, constants } from "node:fs";
import * as path from "node:path";

/** The result of a finished command. If a time limit ended the command, the status is 124, as with timeout(1). */
export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Environment variables in addition to this process's own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string | Buffer;
  /** The time limit in seconds. */
  readonly timeout?: number;
  /** Whether the command uses this process's terminal, instead of having its output collected. */
  readonly inherit?: boolean;
}

/** Runs a command without a shell. Does not throw if the command fails; check the status instead. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const [command, ...args] = argv;
  if (command === undefined) throw new Error("run: an empty command");
  return new Promise((resolve, reject) => {
    const stdio: StdioOptions = options.inherit
      ? "inherit"
      : [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"];
    const child = spawn(command, args, { cwd: options.cwd, env: { ...process.env, ...options.env }, stdio });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => err.push(chunk));
    // A command may end before it has read its input; its status tells, not the broken pipe.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.input);

    let late = false;
    const timers: NodeJS.Timeout[] = [];
    if (options.timeout !== undefined) {
      const limit = options.timeout * 1000;
      timers.push(setTimeout(() => { late = true; child.kill("SIGTERM"); }, limit));
      timers.push(setTimeout(() => child.kill("SIGKILL"), limit + 5000));
    }
    const stopTimers = (): void => timers.forEach((timer) => clearTimeout(timer));
    child.on("error", (error) => { stopTimers(); reject(error); });
    child.on("close", (code, signal) => {
      stopTimers();
      resolve({
        status: late ? 124 : code ?? (signal === null ? 1 : 128),
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
      });
    });
  });
}

/** Runs a command, and returns its output. Throws if the command fails. */
export async function must(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { status, stdout, stderr } = await run(argv, options);
  if (status === 0) return stdout;
  const said = `${stdout}${stderr}`.trimEnd().split("\n").slice(-40).join("\n");
  throw new Error(`This command failed with status ${status}: ${argv.join(" ")}\n${said}`);
}

/** The path of a program, or undefined if this machine does not have it. */
export function which(program: string): string | undefined {
  // sbin is not on every user's PATH, and holds half of what the lab needs.
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/sbin"];
  return folders.map((folder) => path.join(folder, program)).find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
