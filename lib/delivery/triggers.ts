import { IResolveContext, TerraformResourceLifecycle } from "cdktf";
import { IConstruct } from "constructs";
import { TokenCheck } from "../validation/checks";
import { wrong } from "../validation/errors";
import { TRIGGER } from "./keys";
import { argument, expressionText, literalText } from "./terraform-text";

/** The expression for one of the resource's own triggers: what was planned is what arrives. */
export function trigger(key: string): string {
  return `self.triggers["${key}"]`;
}

/** What a delivery and its secrets are sent again for, beside a change of what they hold. */
export function occasions(host: { readonly instanceId?: string; readonly hostKey?: string; readonly redeliver?: string }, context: IResolveContext): { [key: string]: string } {
  const { instanceId, hostKey, redeliver } = host;
  const triggers: { [key: string]: string } = {};
  if (instanceId !== undefined) triggers[TRIGGER.instance] = literalText(instanceId, context);
  if (hostKey !== undefined) triggers[TRIGGER.hostKey] = literalText(hostKey, context);
  if (redeliver !== undefined) triggers[TRIGGER.redeliver] = literalText(redeliver, context);
  return triggers;
}

/**
 * A delivery is made before its predecessor is destroyed: otherwise Terraform drops the
 * master's state, and the diff of its plan with it, as soon as the backup before it fails.
 */
export function lifecycle(checks: readonly TokenCheck[], context: IResolveContext): TerraformResourceLifecycle {
  if (checks.length === 0) return { createBeforeDestroy: true };
  return { createBeforeDestroy: true, precondition: checks.map((check) => precondition(check, context)) };
}

function precondition(check: TokenCheck, context: IResolveContext): Precondition {
  const made = known.get(context.scope) ?? new WeakMap<TokenCheck, Precondition>();
  known.set(context.scope, made);
  // While cdktf prepares, resolving a token notes which other stack it comes from, for each resource anew.
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

/** A DAG's and a pair's checks are made by both nodes, with their secrets and with their delivery: four times one text. By stack. */
const known = new WeakMap<IConstruct, WeakMap<TokenCheck, Precondition>>();

/** `each.value` and its like mean something within one resource alone: Terraform would say so of ours, and of no prop. */
function refuseIterators(code: string, errorMessage: string): void {
  const [, named] = /(?<![\w."])(each\.(?:key|value)|count\.index)\b/.exec(code.replace(/"(?:[^"\\]|\\.)*"/g, '""')) ?? [];
  if (named === undefined) return;
  const [, prop = "a prop", where = ""] = /^(\S+) .*\[([^\]]*)\]$/.exec(errorMessage) ?? [];
  throw wrong(where, prop, "a value that Terraform knows outside of the resource that repeats", `${named} of an iterator (use Fn.element(list, 0) or Fn.lookup(map, "key") of what it goes over, for each entry by itself)`);
}
