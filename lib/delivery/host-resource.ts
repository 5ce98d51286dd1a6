import { Resource } from "@cdktf/provider-null/lib/resource";
import { IResolveContext, SSHProvisionerConnection, TerraformResourceLifecycle, TerraformStack, dependable } from "cdktf";
import { Construct } from "constructs";
import { deferred } from "./deferred";
import { Rendered } from "./rendered";

/**
 * The attributes of a host's resource that are known only at synthesis, because parts (HAProxy, keepalived, …) can be
 * added to the host until then.
 */
export interface HostResourceContent {
  readonly triggers: { readonly [key: string]: string };
  readonly provisioners: NonNullable<Resource["provisioners"]>;
  readonly lifecycle: TerraformResourceLifecycle;
}

/** A null_resource that sends files or secrets to a host. Its attributes are made at synthesis. */
export class HostResource extends Resource {
  /** This library's resources for which this resource waits. */
  public readonly earlier: HostResource[] = [];

  public constructor(
    scope: Construct,
    id: string,
    connection: SSHProvisionerConnection,
    private readonly content: (context: IResolveContext) => HostResourceContent,
  ) {
    super(scope, id, { connection });
  }

  /** Sets `count` to 0, so that Terraform creates nothing. Resources that depend on this resource then do not wait. */
  public leaveOut(): void {
    this.count = 0;
  }

  /**
   * Makes this resource wait for another resource of this library. If both resources are in one stack, the Terraform
   * address of `earlier` is enough. Between two stacks, this method calls cdktf's `dependable`, which is slower because
   * it records a stack trace.
   */
  public waitFor(earlier: HostResource): void {
    this.earlier.push(earlier);
    this.waitForAddress(TerraformStack.of(earlier) === TerraformStack.of(this) ? deferred(() => earlier.address) : dependable(earlier));
  }

  /** Makes this resource wait for the resource that has the given Terraform address, such as `null_resource.NAME`. */
  public waitForAddress(address: string): void {
    this.dependsOn = [...(this.dependsOn ?? []), address];
  }

  /** The resource's Terraform address, such as `null_resource.NAME`. */
  public get address(): string {
    return `${Resource.tfResourceType}.${this.friendlyUniqueId}`;
  }

  /** Returns the resource's part of cdk.tf.json. */
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

/** What cdktf's `toTerraform()` returns for a resource. */
interface Whole {
  readonly resource?: { readonly [type: string]: { readonly [name: string]: object } };
}
