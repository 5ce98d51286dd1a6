import { Resource } from "@cdktf/provider-null/lib/resource";
import { IResolveContext, TerraformLocal } from "cdktf";
import { Construct } from "constructs";
import { deferred } from "./deferred";
import { HostResource } from "./host-resource";
import { Rendered } from "./rendered";
import { argument } from "./terraform-text";

/**
 * Everything that a delivery brings to a host, each under its name: the manifest, the files, and the values that cause
 * a new delivery.
 *
 * The bundle is stored once in the stack, as a Terraform local value. The delivery sends the local value, and has its
 * hash as a trigger. The resource `Delivered` waits for the delivery, does nothing else, and keeps a copy of the bundle
 * in the state. So a plan shows the changes since the last successful delivery, line by line. A failed delivery leaves
 * only a few lines in the state.
 */
export class Bundle {
  private readonly local: TerraformLocal;
  private readonly delivered: Delivered;

  public constructor(scope: Construct, content: (context: IResolveContext) => { readonly [name: string]: string }) {
    this.local = new TerraformLocal(scope, "Bundle", new Rendered(content));
    // Created before its predecessor is destroyed. Otherwise a failed delivery would remove the predecessor from the
    // state, and the next plan could not show what changes.
    this.delivered = new Delivered(scope, "Delivered", { lifecycle: { createBeforeDestroy: true } });
    this.delivered.addOverride("triggers", deferred(() => `\${${this.name}}`));
  }

  /** Makes Terraform record the bundle in the state after `delivery` has succeeded. */
  public deliveredBy(delivery: HostResource): void {
    this.delivered.dependsOn = [deferred(() => delivery.address)];
  }

  /** See `HostResource.leaveOut`. */
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
   * Returns Terraform code for a list. For each name, `code` gets the expression for its value, and returns the code
   * for the list's entry.
   */
  public each(names: readonly string[], code: (value: string) => string): string {
    return `[for name in [${names.map(argument).join(", ")}] : ${code(`${this.name}[name]`)}]`;
  }

  /** The name of the local value in Terraform. */
  private get name(): string {
    return `local.${this.local.friendlyUniqueId}`;
  }
}

/**
 * The copy of a bundle in the state. No other resource may wait for this resource, because Terraform destroys a
 * replaced resource only after it has created all resources that wait for it. If one of these failed, the old text
 * would stay in the state and in each plan.
 */
export class Delivered extends Resource {}
