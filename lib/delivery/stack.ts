import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { Aspects, IAspect, TerraformElement, TerraformProvider, TerraformStack } from "cdktf";
import { Construct, IConstruct } from "constructs";
import { honourDependencies, honourDependenciesBetweenStacks } from "./dependencies";

/** Adds to a stack what this library's resources need. Does this only once for each stack. */
export function prepareStack(scope: Construct): void {
  const stack = TerraformStack.of(scope);
  if (prepared.has(stack)) return;
  prepared.add(stack);
  const requirements = new Requirements(stack, "cdktf_exchange_balancer_requirements");
  // The aspect is on one leaf instead of the stack, because cdktf calls an aspect for every construct below, which is
  // slow in a large synthesis.
  Aspects.of(requirements).add(new AtSynthesis(stack));
}

const prepared = new WeakSet<TerraformStack>();

/**
 * The oldest supported Terraform: the first version with terraform_data. If the user's stack requires a version, the
 * user's version is used.
 */
class Requirements extends TerraformElement {
  public override toTerraform(): object {
    // cdktf calls this for all stacks before it writes the first stack with its dependencies.
    honourDependenciesBetweenStacks(this.node.root);
    return { terraform: { required_version: ">= 1.4.0" } };
  }
}

/** Steps that must wait until the user's whole stack exists. */
class AtSynthesis implements IAspect {
  public constructor(private readonly stack: TerraformStack) {}

  public visit(): void {
    const constructs = this.stack.node.findAll();
    constructs.forEach(honourDependencies);
    this.haveNullProvider(constructs);
  }

  /**
   * Adds a null provider if the stack has none. Terraform refuses two null providers without an alias, and the user may
   * have added one after the first host.
   */
  private haveNullProvider(constructs: readonly IConstruct[]): void {
    // Found by Terraform's type, not by class, because the user may have generated the bindings.
    const there = constructs.some(
      (construct) =>
        TerraformProvider.isTerraformProvider(construct) &&
        construct.terraformResourceType === NullProvider.tfResourceType &&
        construct.alias === undefined,
    );
    if (!there) new NullProvider(this.stack, "CdktfExchangeBalancerNull");
  }
}
