import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Visit } from "./stranger";

/**
 * Checks that two people synthesized the same cdk.tf.json of a stack. @throws an error that shows the first line that
 * differs
 */
export function same(stack: string, people: { readonly [who: string]: Visit }): void {
  const [one, other] = Object.values(people).map((visit) => JSON.stringify(synthesized(visit, stack), undefined, 1).split("\n"));
  const who = Object.keys(people).join(" and ");
  const at = (one ?? []).findIndex((line, index) => line !== other?.[index]);
  if (at !== -1) throw new Error(`${stack}: ${who} differ at line ${at}:\n${one?.[at] ?? ""}\n${other?.[at] ?? ""}`);
  if (one?.length !== other?.length) throw new Error(`${stack}: of ${who} one has more lines`);
}

/** Returns a stack's cdk.tf.json without the framework's metadata. The folder of the visit is cut off from all paths. */
function synthesized(visit: Visit, stack: string): unknown {
  const text = readFileSync(join(visit.folder, "cdktf.out/stacks", stack, "cdk.tf.json"), "utf8").replaceAll(visit.folder, "");
  return JSON.parse(text, (key, value: unknown) => (key === "//" ? undefined : value));
}
