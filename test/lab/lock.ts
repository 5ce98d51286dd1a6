import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { inCache } from "./paths";
import { say } from "./say";

/**
 * The flock(1) process that holds the lab's lock, so that only one command at a time builds the lab, brings it up or
 * takes it down. flock ends when its input pipe from this process closes. So the lock is released even if this process
 * is killed.
 */
let holder: Promise<ChildProcess> | undefined;
let users = 0;

/** Runs `work` while this process holds the lab's lock. Several calls in one process share the lock and run in parallel. */
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
