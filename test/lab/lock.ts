import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { inCache } from "./paths";
import { say } from "./say";

/**
 * One command of the lab at a time builds, brings up or takes down. flock(1) holds the lock for as long as
 * this process holds its other end of a pipe, so a lock never outlives its owner, however that ends.
 */
let holder: Promise<ChildProcess> | undefined;
let users = 0;

/** Within one process the lock is shared: what runs side by side there is meant to. */
export async function alone<T>(work: () => Promise<T>): Promise<T> {
  users++;
  holder ??= take();
  const child = await holder;
  try {
    return await work();
  } finally {
    if (--users === 0) {
      holder = undefined;
      child.stdin?.end();
    }
  }
}

async function take(): Promise<ChildProcess> {
  mkdirSync(inCache(), { recursive: true });
  const child = spawn("flock", [inCache("lock"), "sh", "-c", "echo mine; exec cat"], { stdio: ["pipe", "pipe", "inherit"] });
  const patience = setTimeout(() => say("Another lab command is running: waiting for it …"), 500);
  await new Promise<void>((resolve, reject) => {
    child.stdout.once("data", () => resolve());
    child.once("error", reject);
    child.once("exit", (status) => reject(new Error(`flock ended with status ${status} before the lab had its lock.`)));
  });
  clearTimeout(patience);
  return child;
}
