import { IResolvable, IResolveContext, Token, TerraformStack } from "cdktf";
import { IConstruct } from "constructs";

/**
 * An object that cdktf makes and resolves only once in a synthesis. Without this class, cdktf would resolve each
 * element of a stack three times: to find references between stacks, to get the element's Terraform code, and again
 * after it has merged the code of all elements. Each time, cdktf searches every text for tokens. This search took half
 * the time of a large synthesis.
 */
export class Rendered implements IResolvable {
  public readonly creationStack: string[] = [];

  public constructor(private readonly make: (context: IResolveContext) => object) {}

  public resolve(context: IResolveContext): undefined {
    const { preparing, scope } = context;
    if (preparing && stands(scope)) {
      context.registerPostProcessor({ postProcess: () => ({}) });
      return undefined;
    }
    const value = resolved(this.make(context), context);
    const result = preparing || isOverridden(scope) ? value : new Final(value);
    context.registerPostProcessor({ postProcess: () => result });
    return undefined;
  }

  public toString(): string {
    return Token.asString(this);
  }
}

/** A value that contains no more tokens, so that cdktf does not search it again. */
class Final implements IResolvable {
  public readonly creationStack: string[] = [];

  public constructor(private readonly value: unknown) {}

  public resolve(context: IResolveContext): undefined {
    context.registerPostProcessor({ postProcess: () => this.value });
    return undefined;
  }

  public toString(): string {
    return Token.asString(this);
  }
}

/** Whether the app of `scope` has only one stack. If so, cdktf finds no references between stacks. */
function stands(scope: IConstruct): boolean {
  const { root } = scope.node;
  const known = single.get(root);
  if (known !== undefined) return known;
  const alone = countStacks(root) < 2;
  single.set(root, alone);
  return alone;
}

const single = new WeakMap<IConstruct, boolean>();

function countStacks(node: IConstruct): number {
  return node.node.children.reduce((sum, child) => sum + (TerraformStack.isStack(child) ? 1 : countStacks(child)), 0);
}

/**
 * Whether the user has overrides for resources or local values in this stack. If so, `Final` is not used, because cdktf
 * could not merge the overrides into a `Final`.
 */
function isOverridden(scope: IConstruct): boolean {
  const overrides: unknown = TerraformStack.isStack(scope) ? scope["rawOverrides"] : undefined;
  return typeof overrides !== "object" || overrides === null || "resource" in overrides || "locals" in overrides;
}

/**
 * Matches text that contains a token. Tokens for texts, lists and maps contain `TfToken`. Tokens for numbers have a
 * large exponent.
 */
const TOKEN = /\{TfToken\[|e\+\d{3}/;

function resolved(value: unknown, context: IResolveContext): unknown {
  if (typeof value === "string") return TOKEN.test(value) ? context.resolve(value) : value;
  if (typeof value !== "object" || value === null || !isPlain(value)) return context.resolve(value);
  if (Array.isArray(value)) {
    // A token for a whole list is written as a list with the token as its only entry.
    if (value.length === 1 && typeof value[0] === "string" && value[0].startsWith("#{TfToken[")) return context.resolve(value);
    return value.map((entry) => resolved(entry, context)).filter((entry) => entry !== undefined);
  }
  const result: { [key: string]: unknown } = {};
  for (const [key, entry] of Object.entries(value)) {
    if (TOKEN.test(key)) return context.resolve(value);
    const one = resolved(entry, context);
    if (one !== undefined) result[key] = one;
  }
  return result;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype;
}
