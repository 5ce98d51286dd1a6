import { TerraformLocal, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { applyScript, certificateCheckScript } from "../host/scripts";
import { expression, literal } from "./terraform-text";

/** The expression for apply.sh, which stands once in a stack, however many nodes it has. */
export function applyScriptOf(scope: Construct): string {
  return once(scope, "cdktf_exchange_balancer_apply", applyScript());
}

/** certificate-check.sh as a file's content, which stands once in a stack, too. */
export function certificateCheckOf(scope: Construct): string {
  return expression(once(scope, "cdktf_exchange_balancer_certificate_check", certificateCheckScript()));
}

function once(scope: Construct, id: string, text: string): string {
  const stack = TerraformStack.of(scope);
  if (stack.node.tryFindChild(id) === undefined) {
    new TerraformLocal(stack, id, literal(text)).overrideLogicalId(id);
  }
  return `local.${id}`;
}
