import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { inColumns } from "../../lib/command/in-columns";
import { must } from "../../test/lab/run";
import { fork, forkTested, moved } from "./fork";
import { go, java } from "./java-and-go";
import { reader } from "./mermaid";
import { nodes } from "./node";
import { shortPlan } from "./planned";
import { plannedExamples } from "./planned-examples";
import { python } from "./python";
import { quickStart } from "./quick-start";
import { NotTried, Package, Stranger, Visit } from "./stranger";
import { terraform } from "./terraform";

// npm run strangers [WORD ...]: people who have the package and nothing of this repository. Words choose those whose line has one of them.

interface Row {
  readonly who: string;
  readonly versions: string;
  readonly seconds: number;
  readonly result: "ok" | "FAILED" | "not tried";
  readonly failure?: string;
}

async function main(words: readonly string[]): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), "strangers-"));
  try {
    await must(["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", scratch]);
    const tarball = resolve(scratch, readdirSync(scratch).find((file) => file.endsWith(".tgz")) ?? "");
    const made: Package = { tarball, name: "cdktf-exchange-balancer", framework: "cdktf" };
    const setUp = await terraform(scratch);
    const { fork: other, needed } = fork(scratch);
    const machines = await nodes();
    const all = [
      ...machines.map((node) => quickStart(node, made, setUp)),
      // cdktn-cli asks for Node 22.
      ...machines.filter(({ name }) => !name.startsWith("Node 20")).map((node) => needed(quickStart(node, other.made, setUp))),
      needed(forkTested(other)),
      needed(moved(made, other, setUp)),
      shortPlan(made, setUp),
      ...plannedExamples(made, setUp),
      reader(made),
      python(made, scratch),
      java(made),
      go(made),
    ].filter(({ who }) => words.length === 0 || words.some((word) => who.includes(word)));
    if (all.length === 0) throw new Error(`no stranger's name contains one of these words: ${words.join(", ")}`);
    const rows = await sideBySide(all, scratch);
    console.log(`\n${table(rows)}`);
    for (const { who, failure } of rows) if (failure !== undefined) console.log(`\n${who}:\n${failure}`);
    const count = (of: Row["result"]): number => rows.filter(({ result }) => result === of).length;
    const failed = count("FAILED");
    console.log(`\n${count("ok")} passed, ${failed} failed, ${count("not tried")} skipped`);
    process.exitCode = failed === 0 ? 0 : 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Runs two strangers at a time, because they mostly wait for registries. */
async function sideBySide(all: readonly Stranger[], scratch: string): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const waiting = [...all.entries()];
  const one = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) rows[next[0]] = await visited(next[1], join(scratch, `visit-${next[0]}`));
  };
  await Promise.all([one(), one()]);
  return rows;
}

async function visited({ who, attempt }: Stranger, folder: string): Promise<Row> {
  const began = Date.now();
  const seconds = (): number => (Date.now() - began) / 1000;
  try {
    const versions = await attempt(new Visit(folder));
    console.log(`${who}: ${seconds().toFixed(0)} s`);
    return { who, versions, seconds: seconds(), result: "ok" };
  } catch (error) {
    if (error instanceof NotTried) return { who, versions: error.message, seconds: seconds(), result: "not tried" };
    console.log(`${who}: FAILED after ${seconds().toFixed(0)} s`);
    return { who, versions: "", seconds: seconds(), result: "FAILED", failure: error instanceof Error ? error.message : String(error) };
  }
}

function table(rows: readonly Row[]): string {
  const cells = [["who", "s", "result", "with"], ...rows.map(({ who, seconds, result, versions }) => [who, seconds.toFixed(0), result, versions])];
  return inColumns(cells).join("\n");
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
