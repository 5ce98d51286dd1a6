import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { Aspects, IAspect, TerraformElement, TerraformProvider, TerraformStack } from "cdktf";
import { Construct, IConstruct } from "constructs";
import { honourDependencies, honourDependenciesBetweenStacks } from "./dependencies";

/** Sees to it that the stack of a host has what our resources need, once. */
export function prepareStack(scope: Construct): void {
  const stack = TerraformStack.of(scope);
  if (prepared.has(stack)) return;
  prepared.add(stack);
  const requirements = new Requirements(stack, "cdktf_exchange_balancer_requirements");
  // On one leaf and not on the stack: cdktf asks an aspect about every construct below, which a large synthesis feels.
  Aspects.of(requirements).add(new AtSynthesis(stack));
}

const prepared = new WeakSet<TerraformStack>();

/** The least Terraform: the first with terraform_data. A version that the user's stack asks for takes its place. */
class Requirements extends TerraformElement {
  public override toTerraform(): object {
    // cdktf calls this for all stacks before it writes the first one and notes which stacks it waits for.
    honourDependenciesBetweenStacks(this.node.root);
    return { terraform: { required_version: ">= 1.4.0" } };
  }
}

/** What has to wait until the user's whole stack is there. */
class AtSynthesis implements IAspect {
  public constructor(private readonly stack: TerraformStack) {}

  public visit(): void {
    const constructs = this.stack.node.findAll();
    constructs.forEach(honourDependencies);
    this.haveNullProvider(constructs);
  }

  /** Two null providers without an alias are an error of Terraform's, and the user's own may have come after our first host. */
  private haveNullProvider(constructs: readonly IConstruct[]): void {
    // By what it is to Terraform, not by class: it may come from bindings that the user generated.
    const there = constructs.some(
      (construct) =>
        TerraformProvider.isTerraformProvider(construct) &&
        construct.terraformResourceType === NullProvider.tfResourceType &&
        construct.alias === undefined,
    );
    if (!there) new NullProvider(this.stack, "CdktfExchangeBalancerNull");
  }
}
