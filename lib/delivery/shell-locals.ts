import { gzipSync } from "node:zlib";
import { TerraformLocal, TerraformStack, Token } from "cdktf";
import { Construct } from "constructs";
import { applyScript, certificateCheckScript, firstBootScript } from "../host/scripts";
import { toolFile } from "../host/tool-file";
import { SCRIPT_LOCALS, TOOL_LOCAL } from "./keys";
import { resolved } from "./resolved";
import { expression, literal, unescape } from "./terraform-text";

/**
 * The Terraform expression for apply.sh, compressed and in base64. Each script is stored once in a stack, for all
 * hosts. Terraform would read plain text again for each graph that it builds; this took three quarters of a plan's
 * time.
 */
export function applyScriptOf(scope: Construct): string {
  return local(scope, SCRIPT_LOCALS.apply, () => packed(applyScript()));
}

/** The Terraform expression for apply.sh in user data. */
export function firstBootScriptOf(scope: Construct): string {
  return local(scope, SCRIPT_LOCALS.firstBoot, firstBootScript);
}

function packed(text: string): string {
  if (last?.text !== text) last = { text, packed: gzipSync(text, { level: 9 }).toString("base64") };
  return last.packed;
}

let last: { readonly text: string; readonly packed: string } | undefined;

/** The text of certificate-check.sh, for the content of a host's file. */
export function certificateCheckOf(scope: Construct): string {
  return expression(local(scope, SCRIPT_LOCALS.certificateCheck, certificateCheckScript));
}

/** The text of a file in lib/host/tools, for the content of a host's file. */
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
 * The text that Terraform will read, if it is known at synthesis: it contains no token, or it is one of this library's
 * scripts.
 */
export function knownText(scope: Construct, text: string): string | undefined {
  if (!Token.isUnresolved(text)) return text;
  const [, id] = /^\$\{local\.(\w+)\}$/.exec(String(resolved(scope, text))) ?? [];
  const local = id === undefined ? undefined : TerraformStack.of(scope).node.tryFindChild(id);
  if (id === undefined || !(local instanceof TerraformLocal)) return undefined;
  const { locals } = local.toTerraform() as { locals: { [id: string]: unknown } };
  return typeof locals[id] === "string" ? unescape(locals[id]) : undefined;
}
