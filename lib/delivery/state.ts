import { LocalBackend, TerraformBackend, TerraformLocal, TerraformResource, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { deferred } from "./deferred";
import { TRIGGER } from "./keys";
import { argument, expressionText } from "./terraform-text";

const ID = "cdktf_exchange_balancer_state";
/** No name as the locals have that hold a script of ours: this one is code. */
const BEFORE = "deliveries_before_cdktf_exchange_balancer";
/** Where Terraform keeps a state for which no backend is declared. */
const DEFAULT_PATH = "terraform.tfstate";

/**
 * Code for what a delivery tells the host of the Terraform state that it was planned from, a line each: `delivery` and
 * its id, `state` and what tells that state from any other, `knows` and the id of a delivery that the state knew before
 * this apply (to any host; `unknown` if nobody can read it), `own` if one of those is of the resource that delivers now,
 * `time` and what the deploying machine's clock says.
 *
 * Terraform has no word for it: a resource that is replaced does not know its predecessor. Two things together say it.
 * A resource that is made once has an id that no other state has. And a local state is a file, which has the ids of the
 * deliveries that it knows: if the host was given another one since, the state is old. A remote state has no copies that
 * grow old, so there the first is enough.
 */
export function stateOrigin(scope: Construct, id: string, identity: string): string {
  const stack = TerraformStack.of(scope);
  if (stack.node.tryFindChild(ID) === undefined) {
    // No DataResource: cdktf lets that one look for a terraform binary at synthesis.
    new TerraformResource(stack, ID, { terraformResourceType: "terraform_data", lifecycle: { createBeforeDestroy: true } }).overrideLogicalId(ID);
    // Terraform evaluates it when an apply begins, before the first delivery.
    new TerraformLocal(stack, BEFORE, deferred((context) => expressionText(deliveriesBefore(stack), context))).overrideLogicalId(BEFORE);
  }
  const before = `jsondecode(local.${BEFORE})`;
  const own = `${before} != null && contains(try(${before}[*].identity, []), ${identity}) ? ["own"] : []`;
  const knows = `${before} == null ? ["knows unknown"] : [for one in ${before} : "knows ${"${one.id}"}"]`;
  return `join("\\n", concat([join(" ", ["delivery", ${id}]), join(" ", ["state", terraform_data.${ID}.id]), join(" ", ["time", timestamp()])], ${own}, ${knows}, [""]))`;
}

/**
 * Code for the deliveries in the state's file as JSON, as it is when Terraform runs; "null" if there is none or no one can
 * read it. Terraform writes the file while it applies, and `try` reads it twice, once for its type and once for its value: a
 * half-written file at one of the two must not change the type, on which Terraform ends with a panic. So both are text.
 */
function deliveriesBefore(stack: TerraformStack): string {
  const file = stateFile(stack);
  if (file === undefined) return '"null"';
  // One that failed may have brought something, but a state that has no other of this host is no older copy of one.
  const identity = `try(one.status, "") == "tainted" ? "" : try(one.attributes.triggers["${TRIGGER.identity}"], "")`;
  const delivery = `{ id = tostring(one.attributes.id), identity = ${identity} }`;
  const instances = `[for one in kind.instances : ${delivery} if can(one.attributes.triggers["${TRIGGER.manifest}"])]`;
  return `try(jsonencode(flatten([for kind in jsondecode(file(${file})).resources : ${instances} if kind.type == "null_resource"])), "null")`;
}

/** Code for the path of a local state; undefined for any other backend. */
function stateFile(stack: TerraformStack): string | undefined {
  const backend = stack.node.children.find((child) => TerraformBackend.isBackend(child));
  if (backend !== undefined && !(backend instanceof LocalBackend)) return undefined;
  const { path, workspace_dir: folder } = localBackend(backend);
  const elsewhere = `join("", [${argument(folder ?? "terraform.tfstate.d")}, "/", terraform.workspace, "/${DEFAULT_PATH}"])`;
  return `terraform.workspace == "default" ? ${argument(path ?? DEFAULT_PATH)} : ${elsewhere}`;
}

interface LocalState {
  readonly path?: string;
  readonly workspace_dir?: string;
}

function localBackend(backend: TerraformBackend | undefined): LocalState {
  if (backend === undefined) return {};
  const { terraform } = backend.toTerraform() as { terraform?: { backend?: { local?: LocalState } } };
  return terraform?.backend?.local ?? {};
}
