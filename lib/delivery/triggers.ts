import { IResolveContext, TerraformResourceLifecycle } from "cdktf";
import { IConstruct } from "constructs";
import { TokenCheck } from "../validation/checks";
import { wrong } from "../validation/errors";
import { TRIGGER } from "./keys";
import { argument, expressionText, literalText } from "./terraform-text";

/**
 * Terraform code that reads a trigger's value through `self`. So the code works only inside the resource that has the
 * trigger. Terraform applies exactly the value that it planned, so the host gets exactly what the plan showed.
 */
export function trigger(key: string): string {
  return `self.triggers["${key}"]`;
}

/** The triggers that cause a new delivery even if no file has changed. */
export function occasions(host: { readonly instanceId?: string; readonly hostKey?: string; readonly redeliver?: string }, context: IResolveContext): { [key: string]: string } {
  const { instanceId, hostKey, redeliver } = host;
  const triggers: { [key: string]: string } = {};
  if (instanceId !== undefined) triggers[TRIGGER.instance] = literalText(instanceId, context);
  if (hostKey !== undefined) triggers[TRIGGER.hostKey] = literalText(hostKey, context);
  if (redeliver !== undefined) triggers[TRIGGER.redeliver] = literalText(redeliver, context);
  return triggers;
}

/**
 * The lifecycle of a delivery, with its preconditions. With createBeforeDestroy, Terraform removes the old delivery
 * from the state only after the new one has succeeded. Without createBeforeDestroy, Terraform would remove the master
 * node's old delivery from the state before it deploys to the backup node. If this deploy failed, the next plan could
 * not show what changes on the master node.
 */
export function lifecycle(checks: readonly TokenCheck[], context: IResolveContext): TerraformResourceLifecycle {
  if (checks.length === 0) return { createBeforeDestroy: true };
  return { createBeforeDestroy: true, precondition: checks.map((check) => precondition(check, context)) };
}

function precondition(check: TokenCheck, context: IResolveContext): Precondition {
  const made = known.get(context.scope) ?? new WeakMap<TokenCheck, Precondition>();
  known.set(context.scope, made);
  // In cdktf's prepare phase, each resource must resolve its tokens itself, because cdktf then records from which other
  // stack each token comes. So a stored precondition is not used in this phase.
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
 * The preconditions that were already made, by stack and check. A check of a DAG or a pair is needed in four resources,
 * because each of the two nodes has a resource for its secrets and one for its delivery. Without this map, the check's
 * text would be made four times.
 */
const known = new WeakMap<IConstruct, WeakMap<TokenCheck, Precondition>>();

/**
 * Refuses `each.value`, `each.key` and `count.index` in a check, because they have a value only within the user's
 * repeated resource. Terraform's own error would name this library's resource, but not the prop with the wrong value.
 */
function refuseIterators(code: string, errorMessage: string): void {
  const [, named] = /(?<![\w."])(each\.(?:key|value)|count\.index)\b/.exec(code.replace(/"(?:[^"\\]|\\.)*"/g, '""')) ?? [];
  if (named === undefined) return;
  const [, prop = "a prop", where = ""] = /^(\S+) .*\[([^\]]*)\]$/.exec(errorMessage) ?? [];
  throw wrong(where, prop, "a value that Terraform knows outside of the repeated resource", `${named} of an iterator (write each entry that you need as Fn.element(list, 0), Fn.element(list, 1), … or as Fn.lookup(map, "key"), with the iterator's list or map)`);
}
