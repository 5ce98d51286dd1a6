import { spawn } from "node:child_process";

/**
 * Runs `work`. If the variable BENCH_LOCK is set, this process holds an exclusive lock (flock) on the file that the
 * variable names, until `work` has ended. Other users of the machine take a shared lock on this file while they work.
 */
export async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const file = process.env["BENCH_LOCK"];
  if (file === undefined) return work();
  const holder = spawn("flock", ["-x", file, "sh", "-c", "echo locked; read -r _"], { stdio: ["pipe", "pipe", "inherit"] });
  await new Promise((resolve, reject) => holder.stdout.once("data", resolve).once("error", reject));
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await new Promise((resolve) => holder.once("close", resolve));
  }
}
