import { IResolvable, IResolveContext, Token } from "cdktf";

/**
 * An object of a synthesized resource whose long texts cdktf looks through once, not three times:
 * synthesis resolves each element, merges the results and resolves the whole again, and each time it
 * searches every text for tokens with several patterns. Half the time of a large synthesis went there.
 */
export class Rendered implements IResolvable {
  public readonly creationStack: string[] = [];

  public constructor(private readonly value: object) {}

  public resolve(context: IResolveContext): undefined {
    const value = resolved(this.value, context);
    context.registerPostProcessor({ postProcess: () => value });
    return undefined;
  }

  public toString(): string {
    return Token.asString(this);
  }
}

/** A text that is final: nothing in it is a token any more. */
class FinalText implements IResolvable {
  public readonly creationStack: string[] = [];

  public constructor(private readonly text: string) {}

  public resolve(context: IResolveContext): undefined {
    context.registerPostProcessor({ postProcess: () => this.text });
    return undefined;
  }

  public toString(): string {
    return this.text;
  }
}

/** Shorter texts cost less than an object each. */
const LONG = 200;

/** What every token has in a text: of text, a list or a map by name; of a number by its exponent. */
const TOKEN = /\{TfToken\[|e\+\d{3}/;

function resolved(value: unknown, context: IResolveContext): unknown {
  if (typeof value === "string") {
    // A list in place of a text is refused by cdktf itself.
    const text: unknown = TOKEN.test(value) ? context.resolve(value) : value;
    return typeof text === "string" && text.length > LONG && !context.preparing ? new FinalText(text) : text;
  }
  if (typeof value !== "object" || value === null || !isPlain(value)) return context.resolve(value);
  if (Array.isArray(value)) {
    if (value.some((entry) => typeof entry === "string" && entry.includes("#{TfToken["))) return context.resolve(value);
    return value.map((entry) => resolved(entry, context)).filter((entry) => entry !== undefined);
  }
  const entries = Object.entries(value);
  if (entries.some(([key]) => TOKEN.test(key))) return context.resolve(value);
  return Object.fromEntries(entries.map(([key, entry]) => [key, resolved(entry, context)] as const).filter(([, entry]) => entry !== undefined));
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype;
}
