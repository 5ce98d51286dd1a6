import { TerraformStack } from "cdktf";
import { IConstruct } from "constructs";
import { refused } from "./errors";

/**
 * Checks that a stack belongs to the framework of this package. cdktf and its fork cdktn mark their stacks in the same
 * way. So each accepts the other's stacks, and fails much later with unclear messages. This package exists for both
 * frameworks, and the error names the right package.
 */
export function checkFramework(construct: IConstruct): void {
  const stack: IConstruct | undefined = construct.node.scopes.find((scope) => TerraformStack.isStack(scope));
  if (stack === undefined || stack instanceof TerraformStack) return;
  const [theirs, ours] = [frameworkOf(stack.constructor), frameworkOf(TerraformStack)];
  // npm may install two copies of one framework, and that works.
  if (theirs === undefined || ours === undefined || theirs === ours) return;
  throw refused(
    construct.node.path,
    `The stack "${stack.node.id}" belongs to ${theirs}, but this package is for ${ours}: ` +
      `install ${theirs}-exchange-balancer instead of ${ours}-exchange-balancer (the same constructs, the same state)`,
  );
}

/** The framework of a TerraformStack class, from the name that jsii gives each class. */
function frameworkOf(stack: unknown): string | undefined {
  for (let one = stack; typeof one === "function"; one = Object.getPrototypeOf(one) as unknown) {
    const { fqn } = (one as { [RTTI]?: { fqn?: string } })[RTTI] ?? {};
    if (fqn?.endsWith(".TerraformStack") === true) return fqn.slice(0, -".TerraformStack".length);
  }
  return undefined;
}

const RTTI = Symbol.for("jsii.rtti");
