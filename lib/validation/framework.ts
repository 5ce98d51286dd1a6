import { TerraformStack } from "cdktf";
import { IConstruct } from "constructs";
import { refused } from "./errors";

/**
 * Checks that a stack belongs to the framework of this package. cdktf and its fork cdktn mark their stacks in the same
 * way. So cdktf accepts cdktn's stacks, and cdktn accepts cdktf's stacks, but both then fail much later with unclear
 * messages. The library is published as one package for each framework, and the error names the package
 * for the stack's framework.
 */
export function checkFramework(construct: IConstruct): void {
  const stack: IConstruct | undefined = construct.node.scopes.find((scope) => TerraformStack.isStack(scope));
  if (stack === undefined || stack instanceof TerraformStack) return;
  const [theirs, ours] = [frameworkOf(stack.constructor), frameworkOf(TerraformStack)];
  // Two copies of the same framework are no error: npm may install two copies, and both work together.
  if (theirs === undefined || ours === undefined || theirs === ours) return;
  throw refused(
    construct.node.path,
    `The stack "${stack.node.id}" belongs to ${theirs}, but this package is for ${ours}: ` +
      `install ${theirs}-exchange-balancer instead of ${ours}-exchange-balancer (the same constructs, the same state)`,
  );
}

/** The framework that a stack's class comes from, such as `cdktf`. jsii stores this name in each class. */
function frameworkOf(stack: unknown): string | undefined {
  for (let one = stack; typeof one === "function"; one = Object.getPrototypeOf(one) as unknown) {
    const { fqn } = (one as { [RTTI]?: { fqn?: string } })[RTTI] ?? {};
    if (fqn?.endsWith(".TerraformStack") === true) return fqn.slice(0, -".TerraformStack".length);
  }
  return undefined;
}

const RTTI = Symbol.for("jsii.rtti");
