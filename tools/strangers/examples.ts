import { readdirSync } from "node:fs";

/** The lab's own example needs a lab. */
const NEEDS_MORE: readonly string[] = ["lab"];

/** The examples that synthesize with nothing but this package. */
export function examples(): readonly string[] {
  return allExamples().filter((name) => !NEEDS_MORE.includes(name));
}

export function allExamples(): readonly string[] {
  return readdirSync("examples").sort();
}

export interface Stack {
  readonly resource: { readonly null_resource: { readonly [id: string]: { triggers: string | { [key: string]: string }; provisioner?: object; connection?: object } } };
  output?: object;
}

/** A stack to apply without hosts, so that the state has what a deploy leaves there. */
export function withoutSsh(text: string): Stack {
  const stack = JSON.parse(text) as Stack;
  for (const resource of Object.values(stack.resource.null_resource)) {
    delete resource.provisioner;
    delete resource.connection;
  }
  return stack;
}
