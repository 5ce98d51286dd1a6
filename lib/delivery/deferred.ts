import { IResolvable, IResolveContext, Token } from "cdktf";

/**
 * A token for text that is made at synthesis. `Lazy.stringValue` and each call
 * of `Fn` note the stack of whoever made them besides, and calls of `Fn` are
 * tokens within tokens: half the time of a large synthesis went there.
 */
export function deferred(produce: (context: IResolveContext) => string): string {
  return Token.asString(new Deferred(produce));
}

class Deferred implements IResolvable {
  public readonly creationStack: string[] = [];

  public constructor(private readonly produce: (context: IResolveContext) => string) {}

  public resolve(context: IResolveContext): string {
    return this.produce(context);
  }

  public toString(): string {
    return Token.asString(this);
  }
}
