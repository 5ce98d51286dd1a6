import { TerraformStack } from "cdktf";
import { IConstruct } from "constructs";
import { refused } from "./errors";

/**
 * cdktf and its fork cdktn mark their stacks alike, so each takes the other's for its own and fails much later, in words
 * that name neither. This package exists for both: say which one is wanted.
 */
export function checkFramework(construct: IConstruct): void {
  const stack: IConstruct | undefined = construct.node.scopes.find((scope) => TerraformStack.isStack(scope));
  if (stack === undefined || stack instanceof TerraformStack) return;
  const [theirs, ours] = [frameworkOf(stack.constructor), frameworkOf(TerraformStack)];
  // Two copies of one framework are npm's doing, and work.
  if (theirs === undefined || ours === undefined || theirs === ours) return;
  throw refused(
    construct.node.path,
    `The stack "${stack.node.id}" is one of ${theirs}, and this package is for ${ours}: ` +
      `install ${theirs}-exchange-balancer in place of ${ours}-exchange-balancer (the same constructs, the same state)`,
  );
}

/** The framework whose TerraformStack a class is or extends, by the name that jsii gives each class. */
function frameworkOf(stack: unknown): string | undefined {
  for (let one = stack; typeof one === "function"; one = Object.getPrototypeOf(one) as unknown) {
    const { fqn } = (one as { [RTTI]?: { fqn?: string } })[RTTI] ?? {};
    if (fqn?.endsWith(".TerraformStack") === true) return fqn.slice(0, -".TerraformStack".length);
  }
  return undefined;
}

const RTTI = Symbol.for("jsii.rtti");
