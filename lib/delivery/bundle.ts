import { Resource } from "@cdktf/provider-null/lib/resource";
import { IResolveContext, TerraformLocal } from "cdktf";
import { Construct } from "constructs";
import { deferred } from "./deferred";
import { HostResource } from "./host-resource";
import { Rendered } from "./rendered";
import { argument } from "./terraform-text";

/**
 * What is brought to a host, by name: its manifest, its files, and what it is delivered again for.
 *
 * It stands once in the stack, in a local value, which three things read. The delivery has its hash as a trigger, and sends it. A resource
 * of its own, which waits for the delivery and does nothing, keeps it in the state. So a plan compares with what the last
 * successful delivery brought, line by line, and what failed deliveries leave behind in the state are a few lines each.
 */
export class Bundle {
  private readonly local: TerraformLocal;
  private readonly delivered: Delivered;

  public constructor(scope: Construct, content: (context: IResolveContext) => { readonly [name: string]: string }) {
    this.local = new TerraformLocal(scope, "Bundle", new Rendered(content));
    // Made before its predecessor is destroyed: else it would be gone, and the diff of the next plan with it, as soon as a delivery fails.
    this.delivered = new Delivered(scope, "Delivered", { lifecycle: { createBeforeDestroy: true } });
    this.delivered.addOverride("triggers", deferred(() => `\${${this.name}}`));
  }

  /** Has the state note the bundle as delivered once `delivery` has succeeded. */
  public deliveredBy(delivery: HostResource): void {
    this.delivered.dependsOn = [deferred(() => delivery.address)];
  }

  /** As `HostResource.leaveOut`. */
  public leaveOut(): void {
    this.delivered.count = 0;
  }

  /** Code for a hash of the whole. Where a value in it is sensitive, so is the hash. */
  public get hash(): string {
    return `sha256(jsonencode(${this.name}))`;
  }

  /** Code for one of its values. */
  public value(name: string): string {
    return `${this.name}[${argument(name)}]`;
  }

  /** Code for a list of values: `code` makes each from its expression. */
  public each(names: readonly string[], code: (value: string) => string): string {
    return `[for name in [${names.map(argument).join(", ")}] : ${code(`${this.name}[name]`)}]`;
  }

  /** Its name in Terraform. */
  private get name(): string {
    return `local.${this.local.friendlyUniqueId}`;
  }
}

/**
 * What the state keeps of a bundle. Nothing waits for it: Terraform destroys what is replaced after all that wait for it
 * have been made, so where one of them fails, a whole text would stay in the state, and in each plan.
 */
export class Delivered extends Resource {}
