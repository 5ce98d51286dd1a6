import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { inColumns } from "../../lib/command/in-columns";
import { must } from "../../test/lab/run";
import { fork, forkTested, moved } from "./fork";
import { reader } from "./mermaid";
import { nodes } from "./node";
import { plannedExamples, shortPlan } from "./planned";
import { python } from "./python";
import { quickStart } from "./quick-start";
import { Package, Stranger, Visit } from "./stranger";
import { terraform } from "./terraform";

// npm run strangers [WORD ...]: people who have the package and nothing of this repository. A word chooses those whose line has it.

interface Row {
  readonly who: string;
  readonly versions: string;
  readonly seconds: number;
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
      plannedExamples(made, setUp),
      reader(made),
      python(made, scratch),
    ].filter(({ who }) => words.every((word) => who.includes(word)));
    if (all.length === 0) throw new Error(`no stranger's name contains all of these words: ${words.join(", ")}`);
    const rows = await sideBySide(all, scratch);
    console.log(`\n${table(rows)}`);
    for (const { who, failure } of rows) if (failure !== undefined) console.log(`\n${who}:\n${failure}`);
    const failed = rows.filter(({ failure }) => failure !== undefined).length;
    console.log(`\n${rows.length - failed} passed, ${failed} failed`);
    process.exitCode = failed === 0 ? 0 : 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Two at a time: they wait for registries more than they compute. */
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
    return { who, versions, seconds: seconds() };
  } catch (error) {
    console.log(`${who}: FAILED after ${seconds().toFixed(0)} s`);
    return { who, versions: "", seconds: seconds(), failure: error instanceof Error ? error.message : String(error) };
  }
}

function table(rows: readonly Row[]): string {
  const cells = [["who", "s", "result", "with"], ...rows.map(({ who, seconds, failure, versions }) => [who, seconds.toFixed(0), failure === undefined ? "ok" : "FAILED", versions])];
  return inColumns(cells).join("\n");
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
