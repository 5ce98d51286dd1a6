import { spawn } from "node:child_process";

/**
 * Runs something while a file is locked (flock), for machines that others use, too: BENCH_LOCK names the file, and
 * other users of the machine take a shared lock on it while they work.
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
