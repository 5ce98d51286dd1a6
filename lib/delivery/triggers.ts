import { TerraformResourceLifecycle } from "cdktf";
import { TokenCheck } from "../validation/checks";
import { TRIGGER } from "./keys";
import { argument, expression, literal } from "./terraform-text";

/** The expression for one of the resource's own triggers: what was planned is what arrives. */
export function trigger(key: string): string {
  return `self.triggers["${key}"]`;
}

/** What a delivery and its secrets are sent again for, beside a change of what they hold. */
export function occasions({ instanceId, redeliver }: { readonly instanceId?: string; readonly redeliver?: string }): { [key: string]: string } {
  const triggers: { [key: string]: string } = {};
  if (instanceId !== undefined) triggers[TRIGGER.instance] = literal(instanceId);
  if (redeliver !== undefined) triggers[TRIGGER.redeliver] = literal(redeliver);
  return triggers;
}

/**
 * A delivery is made before its predecessor is destroyed: otherwise Terraform drops the
 * master's state, and the diff of its plan with it, as soon as the backup before it fails.
 */
export function lifecycle(checks: readonly TokenCheck[]): TerraformResourceLifecycle {
  if (checks.length === 0) return { createBeforeDestroy: true };
  const precondition = checks.map(({ values, condition, errorMessage }) => ({
    condition: expression(condition(...values.map(argument))),
    errorMessage: literal(errorMessage),
  }));
  return { createBeforeDestroy: true, precondition };
}
