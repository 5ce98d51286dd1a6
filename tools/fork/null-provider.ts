import { TerraformProvider } from "cdktf";
import { Construct } from "constructs";

/** The null provider for cdktn, which has no `@cdktn/provider-null`: a copy of the class in `@cdktf/provider-null`. */
export class NullProvider extends TerraformProvider {
  public static readonly tfResourceType = "null";

  private readonly name?: string;

  public constructor(scope: Construct, id: string, { alias }: { alias?: string } = {}) {
    super(scope, id, {
      terraformResourceType: NullProvider.tfResourceType,
      terraformGeneratorMetadata: { providerName: "null", providerVersion: "3.2.4", providerVersionConstraint: "~> 3.0" },
      terraformProviderSource: "null",
    });
    this.name = alias;
  }

  public override get alias(): string | undefined {
    return this.name;
  }
}
