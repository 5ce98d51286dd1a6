import { readdirSync } from "node:fs";

/** Examples that need more than this package: the lab's example needs a lab. */
const NEEDS_MORE: readonly string[] = ["lab"];

/** The examples that synthesize with only this package. */
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

/**
 * The stack without ssh connections and provisioners. Terraform can apply it without hosts, and the resulting state is
 * the same as that of the complete stack.
 */
export function withoutSsh(text: string): Stack {
  const stack = JSON.parse(text) as Stack;
  for (const resource of Object.values(stack.resource.null_resource)) {
    delete resource.provisioner;
    delete resource.connection;
  }
  return stack;
}
