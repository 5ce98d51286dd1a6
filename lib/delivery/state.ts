import { LocalBackend, TerraformBackend, TerraformLocal, TerraformResource, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { deferred } from "./deferred";
import { TRIGGER } from "./keys";
import { argument, expressionText } from "./terraform-text";

const ID = "cdktf_exchange_balancer_state";
/** The locals with this library's scripts have a common prefix. This local has another one, because it contains Terraform code. */
const BEFORE = "deliveries_before_cdktf_exchange_balancer";
/** The path of the state if no backend is declared. */
const DEFAULT_PATH = "terraform.tfstate";

/**
 * Terraform code for the facts about the Terraform state that a delivery tells the host, one line each: `delivery` and
 * the delivery's id; `state` and an id that only this state has; `knows` and the id of each delivery that the state
 * knew before this apply, to any host (`unknown` if the state cannot be read); `own` if one of these deliveries is from
 * this resource; `time` and the time of the deploying machine's clock.
 *
 * Terraform has no function that identifies a state, and a replaced resource does not know its predecessor. So two
 * facts are combined. First, a resource that is created only once has an id that no other state has. Second, a local
 * state is a file that contains the ids of its deliveries. If another delivery was made to the host since then, the
 * state is old. A remote state has no old copies, so the first fact is enough there.
 */
export function stateOrigin(scope: Construct, id: string, identity: string): string {
  const stack = TerraformStack.of(scope);
  if (stack.node.tryFindChild(ID) === undefined) {
    // Not DataResource, because cdktf's DataResource looks for a terraform binary at synthesis.
    new TerraformResource(stack, ID, { terraformResourceType: "terraform_data", lifecycle: { createBeforeDestroy: true } }).overrideLogicalId(ID);
    // Terraform evaluates this local at the beginning of an apply, before the first delivery.
    new TerraformLocal(stack, BEFORE, deferred((context) => expressionText(deliveriesBefore(stack), context))).overrideLogicalId(BEFORE);
  }
  const before = `jsondecode(local.${BEFORE})`;
  const own = `${before} != null && contains(try(${before}[*].identity, []), ${identity}) ? ["own"] : []`;
  const knows = `${before} == null ? ["knows unknown"] : [for one in ${before} : "knows ${"${one.id}"}"]`;
  return `join("\\n", concat([join(" ", ["delivery", ${id}]), join(" ", ["state", terraform_data.${ID}.id]), join(" ", ["time", timestamp()])], ${own}, ${knows}, [""]))`;
}

/**
 * Terraform code for the deliveries in the state's file, as JSON text; "null" if there is no readable file. Terraform
 * writes the file during an apply, and `try` reads it twice: once for the type, once for the value. If one of the two
 * reads met a half-written file, the type would change, and Terraform would panic. So both results are text.
 */
function deliveriesBefore(stack: TerraformStack): string {
  const file = stateFile(stack);
  if (file === undefined) return '"null"';
  // A failed delivery does not count as a delivery to this host, although it may have changed the host. If the state
  // has no other delivery to this host, the state is not an older copy.
  const identity = `try(one.status, "") == "tainted" ? "" : try(one.attributes.triggers["${TRIGGER.identity}"], "")`;
  const delivery = `{ id = tostring(one.attributes.id), identity = ${identity} }`;
  const instances = `[for one in kind.instances : ${delivery} if can(one.attributes.triggers["${TRIGGER.identity}"])]`;
  return `try(jsonencode(flatten([for kind in jsondecode(file(${file})).resources : ${instances} if kind.type == "null_resource"])), "null")`;
}

/** Terraform code for the path of a local state; undefined for other backends. */
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
