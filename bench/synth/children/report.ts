import { readFileSync } from "node:fs";

/** Figures about the run of a child process. Only the child process itself can measure these figures. */
export interface ChildReport {
  /** The peak memory of the process, in kB. */
  readonly peakKb: number;
  /** Milliseconds of processor time, on all cores. */
  readonly cpuMs: number;
  /** Milliseconds in which the plain side read the recorded stack from its file. */
  readonly readingMs: number;
}

/** Sends the report to the parent. This is the last step of a child. */
export function report(readingMs = 0): void {
  const { user, system } = process.cpuUsage();
  const told: ChildReport = { peakKb: peakKb(), cpuMs: (user + system) / 1000, readingMs };
  process.stdout.write(`${JSON.stringify(told)}\n`);
}

/**
 * The peak memory from VmHWM. `maxRSS` is not used on Linux, because it includes the peak of the parent before the fork.
 */
function peakKb(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS;
  const [, peak] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return Number(peak);
}
