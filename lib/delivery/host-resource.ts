import { Resource } from "@cdktf/provider-null/lib/resource";
import { SSHProvisionerConnection, TerraformResourceLifecycle, TerraformStack, dependable } from "cdktf";
import { Construct } from "constructs";
import { deferred } from "./deferred";
import { Rendered } from "./rendered";

/** What of a resource is known at synthesis only: parts are added to a host after it was made. */
export interface HostResourceContent {
  readonly triggers: { readonly [key: string]: string };
  readonly provisioners: NonNullable<Resource["provisioners"]>;
  readonly lifecycle: TerraformResourceLifecycle;
}

/** A null_resource that brings something to a host. Its content is made once, at synthesis. */
export class HostResource extends Resource {
  /** This library's resources that this one waits for. */
  public readonly earlier: HostResource[] = [];

  private made = false;

  public constructor(
    scope: Construct,
    id: string,
    connection: SSHProvisionerConnection,
    private readonly content: () => HostResourceContent,
  ) {
    super(scope, id, { connection });
    this.dependsOn = [];
  }

  /** Has the content made again. */
  public changed(): void {
    this.made = false;
  }

  /**
   * Makes this resource wait for another of this library's. Within a stack an address is enough: cdktf's
   * `dependable` notes a stack trace, deep in synthesis.
   */
  public waitFor(earlier: HostResource): void {
    this.earlier.push(earlier);
    this.dependsOn?.push(
      TerraformStack.of(earlier) === TerraformStack.of(this) ? deferred(() => earlier.address) : dependable(earlier),
    );
  }

  /** Its name in Terraform. */
  public get address(): string {
    return `${Resource.tfResourceType}.${this.friendlyUniqueId}`;
  }

  /** Adds this resource to the terraform JSON output. */
  public override toTerraform(): object {
    if (!this.made) {
      const { triggers, provisioners, lifecycle } = this.content();
      this.triggers = { ...triggers };
      this.provisioners = [...provisioners];
      this.lifecycle = lifecycle;
      this.made = true;
    }
    const whole = super.toTerraform() as { resource?: { [type: string]: { [name: string]: object } } };
    const { resource } = whole;
    if (resource === undefined) return whole;
    const rendered = Object.entries(resource).map(([type, named]) => [
      type,
      Object.fromEntries(Object.entries(named).map(([name, attributes]) => [name, new Rendered(attributes)])),
    ]);
    return { ...whole, resource: Object.fromEntries(rendered) as object };
  }
}
