import { Resource } from "@cdktf/provider-null/lib/resource";
import { IResolveContext, SSHProvisionerConnection, TerraformResourceLifecycle, TerraformStack, dependable } from "cdktf";
import { Construct } from "constructs";
import { deferred } from "./deferred";
import { Rendered } from "./rendered";

/** What of a resource is known at synthesis only: parts are added to a host after it was made. */
export interface HostResourceContent {
  readonly triggers: { readonly [key: string]: string };
  readonly provisioners: NonNullable<Resource["provisioners"]>;
  readonly lifecycle: TerraformResourceLifecycle;
}

/** A null_resource that brings something to a host. Its content is made at synthesis. */
export class HostResource extends Resource {
  /** This library's resources that this one waits for. */
  public readonly earlier: HostResource[] = [];

  public constructor(
    scope: Construct,
    id: string,
    connection: SSHProvisionerConnection,
    private readonly content: (context: IResolveContext) => HostResourceContent,
  ) {
    super(scope, id, { connection });
  }

  /** Has Terraform make none of it: whoever waits for it goes on at once. */
  public leaveOut(): void {
    this.count = 0;
  }

  /**
   * Makes this resource wait for another of this library's. Within a stack an address is enough: cdktf's
   * `dependable` notes a stack trace, deep in synthesis.
   */
  public waitFor(earlier: HostResource): void {
    this.earlier.push(earlier);
    this.waitForAddress(TerraformStack.of(earlier) === TerraformStack.of(this) ? deferred(() => earlier.address) : dependable(earlier));
  }

  /** Makes this resource wait for one by its name in Terraform. */
  public waitForAddress(address: string): void {
    this.dependsOn = [...(this.dependsOn ?? []), address];
  }

  /** Its name in Terraform. */
  public get address(): string {
    return `${Resource.tfResourceType}.${this.friendlyUniqueId}`;
  }

  /** Adds this resource to the terraform JSON output. */
  public override toTerraform(): object {
    const attributes = new Rendered((context) => this.attributes(context));
    const others = this.hasResourceMove() === undefined && this["_imported"] === undefined ? {} : (super.toTerraform() as Whole);
    if ("resource" in others && others.resource === undefined) return others;
    return { ...others, resource: { [Resource.tfResourceType]: { [this.friendlyUniqueId]: attributes } } };
  }

  private attributes(context: IResolveContext): object {
    const { triggers, provisioners, lifecycle } = this.content(context);
    this.triggers = { ...triggers };
    this.provisioners = [...provisioners];
    this.lifecycle = lifecycle;
    return (super.toTerraform() as Whole).resource?.[Resource.tfResourceType]?.[this.friendlyUniqueId] ?? {};
  }
}

/** What cdktf makes of a resource. */
interface Whole {
  readonly resource?: { readonly [type: string]: { readonly [name: string]: object } };
}
