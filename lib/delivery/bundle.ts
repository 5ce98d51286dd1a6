import { Resource } from "@cdktf/provider-null/lib/resource";
import { IResolveContext, TerraformLocal } from "cdktf";
import { Construct } from "constructs";
import { deferred } from "./deferred";
import { HostResource } from "./host-resource";
import { Rendered } from "./rendered";
import { argument } from "./terraform-text";

/**
 * Everything that a delivery brings to a host, each value under its own name: the manifest, the files, and the values
 * whose change causes a new delivery.
 *
 * The stack contains the bundle once, as a Terraform local value. The delivery sends this value to the host, and has
 * the hash of the value as a trigger. The resource `Delivered` waits for the delivery and then stores a copy of the
 * bundle in the state. So a plan shows, line by line, what has changed since the last successful delivery. A failed
 * delivery adds only a few lines to the state.
 */
export class Bundle {
  private readonly local: TerraformLocal;
  private readonly delivered: Delivered;

  public constructor(scope: Construct, content: (context: IResolveContext) => { readonly [name: string]: string }) {
    this.local = new TerraformLocal(scope, "Bundle", new Rendered(content));
    // With createBeforeDestroy, a failed delivery leaves the old copy in the state. Without it, Terraform would destroy
    // the old copy first, and the next plan could not show what changes.
    this.delivered = new Delivered(scope, "Delivered", { lifecycle: { createBeforeDestroy: true } });
    this.delivered.addOverride("triggers", deferred(() => `\${${this.name}}`));
  }

  /** Makes Terraform record the bundle in the state after `delivery` has succeeded. */
  public deliveredBy(delivery: HostResource): void {
    this.delivered.dependsOn = [deferred(() => delivery.address)];
  }

  /**
   * Sets `count` of the resource `Delivered` to 0, so that Terraform does not store a copy of the bundle in the state.
   * See `HostResource.leaveOut`.
   */
  public leaveOut(): void {
    this.delivered.count = 0;
  }

  /** Terraform code for a hash of the bundle. If a value in the bundle is sensitive, the hash is also sensitive. */
  public get hash(): string {
    return `sha256(jsonencode(${this.name}))`;
  }

  /** Terraform code for one value of the bundle. */
  public value(name: string): string {
    return `${this.name}[${argument(name)}]`;
  }

  /**
   * Returns Terraform code for a list with one entry for each name. `code` gets the Terraform expression for the value
   * of a name, and returns the code for the list's entry.
   */
  public each(names: readonly string[], code: (value: string) => string): string {
    return `[for name in [${names.map(argument).join(", ")}] : ${code(`${this.name}[name]`)}]`;
  }

  /** The Terraform name of the local value. */
  private get name(): string {
    return `local.${this.local.friendlyUniqueId}`;
  }
}

/**
 * Stores the copy of a bundle in the state. No other resource may depend on this resource. Otherwise Terraform would
 * destroy a replaced copy only after it has created everything that depends on the copy. If a dependent resource failed,
 * the old copy would stay in the state and in each plan.
 */
export class Delivered extends Resource {}
