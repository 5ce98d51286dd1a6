import { TerraformMetaArguments, TerraformResource, hashMapper, stringToTerraform } from "cdktf";
import { Construct } from "constructs";

export interface ResourceConfig extends TerraformMetaArguments {
  readonly triggers?: { [key: string]: string };
}

/**
 * The null_resource for cdktn, which has no `@cdktn/provider-null`: the parts of `@cdktf/provider-null` that the delivery
 * needs.
 */
export class Resource extends TerraformResource {
  public static readonly tfResourceType = "null_resource";
  private wanted?: { [key: string]: string };

  public constructor(scope: Construct, id: string, { triggers, ...others }: ResourceConfig = {}) {
    super(scope, id, {
      ...others,
      terraformResourceType: Resource.tfResourceType,
      terraformGeneratorMetadata: { providerName: "null", providerVersion: "3.2.4", providerVersionConstraint: "~> 3.0" },
    });
    this.wanted = triggers;
  }

  public get id(): string {
    return this.getStringAttribute("id");
  }

  public set triggers(value: { [key: string]: string }) {
    this.wanted = value;
  }

  protected override synthesizeAttributes(): { [name: string]: unknown } {
    return { triggers: hashMapper(stringToTerraform)(this.wanted) as unknown };
  }
}
