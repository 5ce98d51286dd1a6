import { TerraformLocal, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { applyScript, certificateCheckScript } from "../host/scripts";
import { SCRIPT_LOCALS } from "./keys";
import { expression, literal } from "./terraform-text";

/** The expression for apply.sh. Like the other scripts it stands once in a stack, however many hosts there are. */
export function applyScriptOf(scope: Construct): string {
  return local(scope, SCRIPT_LOCALS.apply, applyScript);
}

/** certificate-check.sh as a file's content. */
export function certificateCheckOf(scope: Construct): string {
  return expression(local(scope, SCRIPT_LOCALS.certificateCheck, certificateCheckScript));
}

function local(scope: Construct, id: string, text: () => string): string {
  const stack = TerraformStack.of(scope);
  if (stack.node.tryFindChild(id) === undefined) {
    new TerraformLocal(stack, id, literal(text())).overrideLogicalId(id);
  }
  return `local.${id}`;
}
