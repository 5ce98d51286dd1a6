import { IResolvable, IResolveContext, Token, TerraformStack } from "cdktf";
import { IConstruct } from "constructs";

/**
 * An object in a synthesized resource that is made and resolved only once. cdktf's synthesis resolves each element
 * twice, the first time only to find references between stacks. Then it merges the results, and resolves the whole once
 * more. Each time it searches every text for tokens. This took half the time of a large synthesis.
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

/** A value without tokens. */
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

/** Whether a stack is the only stack of its app. It then has no references to other stacks. */
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
 * Whether the user has overrides for resources or local values in this stack. They could not be merged into a final
 * value.
 */
function isOverridden(scope: IConstruct): boolean {
  const overrides: unknown = TerraformStack.isStack(scope) ? scope["rawOverrides"] : undefined;
  return typeof overrides !== "object" || overrides === null || "resource" in overrides || "locals" in overrides;
}

/**
 * A pattern that every token matches: tokens for text, lists and maps by their name, tokens for numbers by their
 * exponent.
 */
const TOKEN = /\{TfToken\[|e\+\d{3}/;

function resolved(value: unknown, context: IResolveContext): unknown {
  if (typeof value === "string") return TOKEN.test(value) ? context.resolve(value) : value;
  if (typeof value !== "object" || value === null || !isPlain(value)) return context.resolve(value);
  if (Array.isArray(value)) {
    // In a list that is a token, the token is the only entry.
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
