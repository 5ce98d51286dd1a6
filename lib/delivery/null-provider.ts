import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { Aspects, IAspect, TerraformProvider, TerraformStack } from "cdktf";
import { Construct, IConstruct } from "constructs";

const ID = "CdktfExchangeBalancerNull";

/**
 * Sees to it that the stack has a null provider. Two without an alias are an
 * error of Terraform's, and the user's own may be created after our first node,
 * so the look-around waits until synthesis.
 */
export function useNullProvider(scope: Construct): void {
  const stack = TerraformStack.of(scope);
  if (watched.has(stack)) return;
  watched.add(stack);
  Aspects.of(stack).add(new NullProviderAspect(stack));
}

const watched = new WeakSet<TerraformStack>();

class NullProviderAspect implements IAspect {
  public constructor(private readonly stack: TerraformStack) {}

  public visit(node: IConstruct): void {
    if (node !== this.stack) return;
    // By what it is to Terraform, not by class: it may come from bindings that the user generated.
    const there = this.stack.node
      .findAll()
      .some(
        (construct) =>
          TerraformProvider.isTerraformProvider(construct) &&
          construct.terraformResourceType === NullProvider.tfResourceType &&
          construct.alias === undefined,
      );
    if (!there) new NullProvider(this.stack, ID);
  }
}
