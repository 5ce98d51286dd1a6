import { readFileSync } from "node:fs";

/** What only the child itself can tell of its run. */
export interface ChildReport {
  /** The most memory that the process had, in kB. */
  readonly peakKb: number;
  /** Milliseconds of processor time, on all cores. */
  readonly cpuMs: number;
  /** Milliseconds that the plain side took to read what it has to create. */
  readonly readingMs: number;
}

/** Sends the report to the parent. This is the last step of a child. */
export function report(readingMs = 0): void {
  const { user, system } = process.cpuUsage();
  const told: ChildReport = { peakKb: peakKb(), cpuMs: (user + system) / 1000, readingMs };
  process.stdout.write(`${JSON.stringify(told)}\n`);
}

/** Linux carries `maxRSS` over from the parent that forked this process; VmHWM starts at zero in the new process. */
function peakKb(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS;
  const [, peak] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return Number(peak);
}
