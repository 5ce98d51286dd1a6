import { TerraformLocal, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { applyScript, certificateCheckScript } from "../host/scripts";
import { toolFile } from "../host/tool-file";
import { SCRIPT_LOCALS, TOOL_LOCAL } from "./keys";
import { expression, literal } from "./terraform-text";

/** The expression for apply.sh. Like the other scripts it stands once in a stack, however many hosts there are. */
export function applyScriptOf(scope: Construct): string {
  return local(scope, SCRIPT_LOCALS.apply, applyScript);
}

/** certificate-check.sh as a file's content. */
export function certificateCheckOf(scope: Construct): string {
  return expression(local(scope, SCRIPT_LOCALS.certificateCheck, certificateCheckScript));
}

/** A file of lib/host/tools as a file's content. */
export function toolOf(scope: Construct, name: string): string {
  return expression(local(scope, `${TOOL_LOCAL}${name.replace(/[^a-z]/g, "_")}`, () => toolFile(name)));
}

function local(scope: Construct, id: string, text: () => string): string {
  const stack = TerraformStack.of(scope);
  if (stack.node.tryFindChild(id) === undefined) {
    new TerraformLocal(stack, id, literal(text())).overrideLogicalId(id);
  }
  return `local.${id}`;
}
