import { LocalBackend, TerraformBackend, TerraformLocal, TerraformResource, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { deferred } from "./deferred";
import { TRIGGER } from "./keys";
import { argument, expressionText } from "./terraform-text";

const ID = "cdktf_exchange_balancer_state";
/**
 * The name of the Terraform local that lists the deliveries that were in the state before this apply. The name must not
 * begin with `cdktf_exchange_balancer_`, because only locals with this library's scripts begin with this prefix.
 */
const BEFORE = "deliveries_before_cdktf_exchange_balancer";
/** The path of Terraform's state file if the stack declares no backend. */
const DEFAULT_PATH = "terraform.tfstate";

/**
 * Each delivery sends facts about its Terraform state to the host. Returns the Terraform code for these facts, one on
 * each line:
 *
 * - `delivery ID`: the id of this delivery
 * - `state ID`: an id that only this state has
 * - `knows ID`: the id of an earlier delivery. Each delivery that was in the state before this apply has such a line,
 *   also the deliveries to other hosts
 * - `knows unknown`: only if the state cannot be read
 * - `own`: only if the state before this apply contained a delivery with the same `identity` as this delivery
 * - `time TIME`: the time of the deploying machine's clock
 *
 * With these facts, the host can refuse a delivery if the delivery comes from another state than the host's last
 * delivery did, or from an old copy of the same state. Terraform has no function that identifies a state, and a
 * replaced resource does not know the id of its predecessor. So the code combines two facts. First, a resource that is
 * created only once has an id that no other state has. Second, a local state is a file that contains the ids of its
 * deliveries. If the id of the host's last delivery is not among these ids, the state is an old copy. A remote state
 * has no old copies, so the first fact is enough there.
 */
export function stateOrigin(scope: Construct, id: string, identity: string): string {
  const stack = TerraformStack.of(scope);
  if (stack.node.tryFindChild(ID) === undefined) {
    // cdktf's DataResource is not used here, because it looks for a terraform binary at synthesis.
    new TerraformResource(stack, ID, { terraformResourceType: "terraform_data", lifecycle: { createBeforeDestroy: true } }).overrideLogicalId(ID);
    // Terraform evaluates this local value at the beginning of an apply, before the first delivery.
    new TerraformLocal(stack, BEFORE, deferred((context) => expressionText(deliveriesBefore(stack), context))).overrideLogicalId(BEFORE);
  }
  const before = `jsondecode(local.${BEFORE})`;
  const own = `${before} != null && contains(try(${before}[*].identity, []), ${identity}) ? ["own"] : []`;
  const knows = `${before} == null ? ["knows unknown"] : [for one in ${before} : "knows ${"${one.id}"}"]`;
  return `join("\\n", concat([join(" ", ["delivery", ${id}]), join(" ", ["state", terraform_data.${ID}.id]), join(" ", ["time", timestamp()])], ${own}, ${knows}, [""]))`;
}

/**
 * Terraform code for the deliveries in the state file, as JSON text. If there is no readable file, the value is the text
 * "null", and not null. The reason: Terraform writes the file during an apply, and `try` reads the file twice, once for
 * the type and once for the value. If one of these reads found a half-written file, results of different types would
 * make Terraform panic.
 */
function deliveriesBefore(stack: TerraformStack): string {
  const file = stateFile(stack);
  if (file === undefined) return '"null"';
  // A failed delivery is "tainted" in the state. It may have changed the host, but it gets an empty identity here, so
  // that it does not cause `own`. The reason: a state without a successful delivery to this host is not an old copy.
  const identity = `try(one.status, "") == "tainted" ? "" : try(one.attributes.triggers["${TRIGGER.identity}"], "")`;
  const delivery = `{ id = tostring(one.attributes.id), identity = ${identity} }`;
  const instances = `[for one in kind.instances : ${delivery} if can(one.attributes.triggers["${TRIGGER.identity}"])]`;
  return `try(jsonencode(flatten([for kind in jsondecode(file(${file})).resources : ${instances} if kind.type == "null_resource"])), "null")`;
}

/** Terraform code for the path of a local state file. Undefined for other backends. */
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
