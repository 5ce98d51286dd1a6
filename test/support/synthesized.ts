import { TerraformStack } from "cdktf";
import { TRIGGER } from "../../lib/delivery/keys";
import { deliveries } from "../../lib/testing/host-files";
import { textOfLines } from "../../lib/delivery/terraform-text";
import { synth } from "./site";

/** A null_resource in cdk.tf.json. */
export interface NullResource {
  readonly triggers: { readonly [key: string]: string };
  readonly connection: object;
  readonly depends_on: string[];
  readonly provisioner: {
    readonly "remote-exec"?: { readonly inline: string[] };
    readonly file?: { readonly content: string; readonly destination: string };
  }[];
  readonly lifecycle: {
    readonly create_before_destroy: boolean;
    readonly precondition?: { readonly condition: string; readonly error_message: string }[];
  };
}

/** The parts of cdk.tf.json that tests read. */
export interface Synthesized {
  readonly terraform: { readonly required_version?: string };
  readonly provider: { readonly null: object[] };
  readonly locals: { readonly [name: string]: string };
  readonly resource: {
    readonly null_resource: { readonly [id: string]: NullResource };
    readonly terraform_data: { readonly [id: string]: { readonly [key: string]: unknown; readonly depends_on?: string[] } };
  };
}

export function synthesized(stack: TerraformStack): Synthesized {
  return JSON.parse(synth(stack)) as Synthesized;
}

const HASH = /_[0-9A-F]{8}$/;

/** A resource's name without the hash that cdktf appends. */
export function withoutHash(name: string): string {
  return name.replace(HASH, "");
}

/**
 * Finds a null_resource by its name without the hash. If the resource is a delivery, the returned triggers also have the
 * contents of its bundle. The files and the manifest are returned as texts, not as lists of lines.
 */
export function nullResource(stack: TerraformStack, name: string): NullResource {
  const whole = synthesized(stack);
  const all = whole.resource.null_resource;
  const found = Object.entries(all).find(([id]) => withoutHash(id) === name);
  if (found === undefined) throw new Error(`no ${name} among ${Object.keys(all).join(", ")}`);
  const [id, resource] = found;
  const triggers = deliveries(whole).find((delivery) => delivery.resource === id)?.triggers ?? resource.triggers;
  // Files and manifest as text; the triggers have them as lists of lines.
  const text = ([key, value]: [string, string]): [string, string] => [key, key.startsWith("/") || key === TRIGGER.manifest ? textOfLines(value) : value];
  return { ...resource, triggers: Object.fromEntries(Object.entries(triggers).map(text)) };
}

/** The names, without hash, of the resources on which a resource depends. */
export function waitsFor(stack: TerraformStack, name: string): string[] {
  return nullResource(stack, name).depends_on.map(withoutHash);
}

/** The script that a null_resource's first provisioner runs on the host. */
export function scriptOf({ provisioner }: NullResource): string {
  return provisioner[0]?.["remote-exec"]?.inline.join("\n") ?? "";
}

export const MASTER = "Mail_Master_Provision";
export const BACKUP = "Mail_Backup_Provision";
export const MASTER_SECRETS = "Mail_Master_Secrets";
