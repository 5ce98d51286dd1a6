import { IResolveContext, TerraformResourceLifecycle } from "cdktf";
import { IConstruct } from "constructs";
import { TokenCheck } from "../validation/checks";
import { wrong } from "../validation/errors";
import { TRIGGER } from "./keys";
import { argument, expressionText, literalText } from "./terraform-text";

/**
 * Terraform code for a trigger of the resource itself. The trigger has the planned value, so the host gets exactly what
 * the plan showed.
 */
export function trigger(key: string): string {
  return `self.triggers["${key}"]`;
}

/** The triggers that cause a new delivery without a change of a file. */
export function occasions(host: { readonly instanceId?: string; readonly hostKey?: string; readonly redeliver?: string }, context: IResolveContext): { [key: string]: string } {
  const { instanceId, hostKey, redeliver } = host;
  const triggers: { [key: string]: string } = {};
  if (instanceId !== undefined) triggers[TRIGGER.instance] = literalText(instanceId, context);
  if (hostKey !== undefined) triggers[TRIGGER.hostKey] = literalText(hostKey, context);
  if (redeliver !== undefined) triggers[TRIGGER.redeliver] = literalText(redeliver, context);
  return triggers;
}

/**
 * The lifecycle of a delivery, with its preconditions. A delivery is created before its predecessor is destroyed.
 * Otherwise a failed deploy to the backup node would remove the master node's delivery from the state. The next plan
 * would then have nothing to compare with, and could not show what changes on the master node.
 */
export function lifecycle(checks: readonly TokenCheck[], context: IResolveContext): TerraformResourceLifecycle {
  if (checks.length === 0) return { createBeforeDestroy: true };
  return { createBeforeDestroy: true, precondition: checks.map((check) => precondition(check, context)) };
}

function precondition(check: TokenCheck, context: IResolveContext): Precondition {
  const made = known.get(context.scope) ?? new WeakMap<TokenCheck, Precondition>();
  known.set(context.scope, made);
  // While cdktf prepares, each resource must resolve its tokens itself, because this records from which other stack a
  // token comes.
  const before = context.preparing ? undefined : made.get(check);
  if (before !== undefined) return before;
  const { values, condition, errorMessage } = check;
  const code = expressionText(condition(...values.map(argument)), context);
  refuseIterators(code, errorMessage);
  const now = { condition: code, errorMessage: literalText(errorMessage, context) };
  made.set(check, now);
  return now;
}

type Precondition = Pick<NonNullable<TerraformResourceLifecycle["precondition"]>[number], "condition" | "errorMessage">;

/**
 * The preconditions of each stack. Each check of a DAG or a pair is in four resources: for each of the two nodes, in
 * the secrets and in the delivery. Without this map, the text of the check would be made four times.
 */
const known = new WeakMap<IConstruct, WeakMap<TokenCheck, Precondition>>();

/**
 * Refuses `each.value` and similar names. They have a meaning only within one resource, and Terraform's error would
 * name this library's resource instead of a prop.
 */
function refuseIterators(code: string, errorMessage: string): void {
  const [, named] = /(?<![\w."])(each\.(?:key|value)|count\.index)\b/.exec(code.replace(/"(?:[^"\\]|\\.)*"/g, '""')) ?? [];
  if (named === undefined) return;
  const [, prop = "a prop", where = ""] = /^(\S+) .*\[([^\]]*)\]$/.exec(errorMessage) ?? [];
  throw wrong(where, prop, "a value that Terraform knows outside of the repeated resource", `${named} of an iterator (for each entry, use Fn.element(list, 0) or Fn.lookup(map, "key") on the iterator's list or map)`);
}
