import { IResolvable, IResolveContext, Token } from "cdktf";

/**
 * A token for text that is made at synthesis. `Lazy.stringValue` and `Fn` are not used, because they also record a
 * stack trace for each token, and each call of `Fn` is a further token. This took half the time of a large synthesis.
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
