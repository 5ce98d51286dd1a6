import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { Aspects, IAspect, TerraformElement, TerraformProvider, TerraformStack } from "cdktf";
import { Construct, IConstruct } from "constructs";
import { honourDependencies, honourDependenciesBetweenStacks } from "./dependencies";

/**
 * Adds to a stack what this library's resources need, such as Terraform's provider `null`. Later calls for the same
 * stack do nothing.
 */
export function prepareStack(scope: Construct): void {
  const stack = TerraformStack.of(scope);
  if (prepared.has(stack)) return;
  prepared.add(stack);
  const requirements = new Requirements(stack, "cdktf_exchange_balancer_requirements");
  // cdktf calls an aspect for its construct and for all constructs inside it, which is slow in a large synthesis. So
  // the aspect is on this construct, which contains no others, and not on the stack.
  Aspects.of(requirements).add(new AtSynthesis(stack));
}

const prepared = new WeakSet<TerraformStack>();

/**
 * Makes the stack require Terraform 1.4.0 or newer, the first version with terraform_data. If the user sets
 * `required_version` for the stack, the user's value is used instead.
 */
class Requirements extends TerraformElement {
  public override toTerraform(): object {
    // Dependencies between stacks can still be added here: cdktf calls toTerraform() for all stacks before it writes
    // the first stack and that stack's dependencies.
    honourDependenciesBetweenStacks(this.node.root);
    return { terraform: { required_version: ">= 1.4.0" } };
  }
}

/** The steps that must wait until the user's stack is complete. */
class AtSynthesis implements IAspect {
  public constructor(private readonly stack: TerraformStack) {}

  public visit(): void {
    const constructs = this.stack.node.findAll();
    constructs.forEach(honourDependencies);
    this.haveNullProvider(constructs);
  }

  /**
   * Adds Terraform's provider `null` without an alias, unless the stack already has this provider without an alias.
   * Runs when the stack is complete, because the user may add the provider `null` after the first host. If a stack had
   * this provider twice without an alias, Terraform would refuse the stack.
   */
  private haveNullProvider(constructs: readonly IConstruct[]): void {
    // The provider is recognized by its Terraform type, not by its class, because users may generate their own bindings
    // for the null provider.
    const there = constructs.some(
      (construct) =>
        TerraformProvider.isTerraformProvider(construct) &&
        construct.terraformResourceType === NullProvider.tfResourceType &&
        construct.alias === undefined,
    );
    if (!there) new NullProvider(this.stack, "CdktfExchangeBalancerNull");
  }
}
