import { IResolvable, IResolveContext, Token } from "cdktf";

/**
 * A token for text that is made at synthesis. Use this function instead of cdktf's `Lazy.stringValue` and `Fn`, which
 * took half the time of a large synthesis: both record a stack trace for each token, and each call of `Fn` creates one
 * more token.
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
