import { gzipSync } from "node:zlib";
import { TerraformLocal, TerraformStack, Token } from "cdktf";
import { Construct } from "constructs";
import { applyScript, certificateCheckScript, firstBootScript } from "../host/scripts";
import { toolFile } from "../host/tool-file";
import { SCRIPT_LOCALS, TOOL_LOCAL } from "./keys";
import { resolved } from "./resolved";
import { expression, literal, unescape } from "./terraform-text";

/**
 * The Terraform expression whose value is apply.sh, compressed and in base64. A stack contains each script once, for
 * all hosts. The script is compressed, because Terraform reads a local value again for each graph that it builds. With
 * plain text, this reading took three quarters of a plan's time.
 */
export function applyScriptOf(scope: Construct): string {
  return local(scope, SCRIPT_LOCALS.apply, () => packed(applyScript()));
}

/** The Terraform expression whose value is apply.sh without comment lines, for user data. */
export function firstBootScriptOf(scope: Construct): string {
  return local(scope, SCRIPT_LOCALS.firstBoot, firstBootScript);
}

function packed(text: string): string {
  if (last?.text !== text) last = { text, packed: gzipSync(text, { level: 9 }).toString("base64") };
  return last.packed;
}

let last: { readonly text: string; readonly packed: string } | undefined;

/** A token for the text of certificate-check.sh. Use it as the content of a host's file. */
export function certificateCheckOf(scope: Construct): string {
  return expression(local(scope, SCRIPT_LOCALS.certificateCheck, certificateCheckScript));
}

/** A token for the text of a file in lib/host/tools. Use it as the content of a host's file. */
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

/**
 * Returns the value that `text` will have in Terraform, or undefined if the value is not known at synthesis. The value
 * is known if `text` contains no token, or if it is a token for one of this library's scripts.
 */
export function knownText(scope: Construct, text: string): string | undefined {
  if (!Token.isUnresolved(text)) return text;
  const [, id] = /^\$\{local\.(\w+)\}$/.exec(String(resolved(scope, text))) ?? [];
  const local = id === undefined ? undefined : TerraformStack.of(scope).node.tryFindChild(id);
  if (id === undefined || !(local instanceof TerraformLocal)) return undefined;
  const { locals } = local.toTerraform() as { locals: { [id: string]: unknown } };
  return typeof locals[id] === "string" ? unescape(locals[id]) : undefined;
}
