import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { record } from "./record";
import { Run, runChild } from "./run-child";
import { Scenario } from "./scenarios";
import { Workshop } from "./workshop";

/**
 * The runs of a scenario, without the first turn, which does not count. The n-th run of the library and the n-th run of
 * the plain side belong to the same turn: one ran directly after the other.
 */
export interface Comparison {
  readonly scenario: Scenario;
  readonly library: readonly Run[];
  readonly plain: readonly Run[];
  /** The size of cdk.tf.json in bytes. It is the same on both sides. */
  readonly bytes: number;
}

/**
 * Runs both sides in turns. The first turn does not count: it warms up the file cache and checks that both sides write the
 * same cdk.tf.json.
 */
export function compare(workshop: Workshop, scenario: Scenario, runs: number): Comparison {
  const { folder } = workshop;
  const recorded = join(folder, "recorded.json");
  const cdkTfJson = (): string => readFileSync(join(folder, "cdktf.out", "stacks", "bench", "cdk.tf.json"), "utf8");
  const library = (): Run => runChild(folder, workshop.compiled("bench/synth/children/library.ts"), scenario.args);
  const plain = (): Run => runChild(folder, workshop.compiled("bench/synth/children/plain.ts"), [recorded]);

  library();
  const expected = cdkTfJson();
  writeFileSync(recorded, JSON.stringify(record(expected)));
  plain();
  if (cdkTfJson() !== expected) throw new Error(`${scenario.title}: the two sides write different cdk.tf.json files, so they cannot be compared`);

  const result = { scenario, library: [] as Run[], plain: [] as Run[], bytes: Buffer.byteLength(expected) };
  for (let turn = 0; turn < runs; turn++) {
    // Each side is first in every second turn, so that a slow start of a turn does not always hit the same side.
    if (turn % 2 === 0) result.library.push(library());
    result.plain.push(plain());
    if (turn % 2 === 1) result.library.push(library());
  }
  return result;
}
