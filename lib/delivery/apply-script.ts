import { TerraformLocal, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { applyScript } from "../host/scripts";
import { literal } from "./terraform-text";

const ID = "cdktf_exchange_balancer_apply";

/** The expression for apply.sh, which stands once in a stack, however many nodes it has. */
export function applyScriptOf(scope: Construct): string {
  const stack = TerraformStack.of(scope);
  if (stack.node.tryFindChild(ID) === undefined) {
    new TerraformLocal(stack, ID, literal(applyScript())).overrideLogicalId(ID);
  }
  return `local.${ID}`;
}
