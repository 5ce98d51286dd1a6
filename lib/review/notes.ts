import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Aspects, DefaultTokenResolver, IAspect, StringConcat, TerraformStack, Tokenization } from "cdktf";
import { IConstruct } from "constructs";
import { ReviewModel } from "./model";

/**
 * The environment variable that `show` sets to get review models from a synthesis. Its value is the folder for the
 * models. An environment variable also works for apps that are not written in TypeScript.
 */
export const REVIEW_FOLDER = "CDKTF_EXCHANGE_BALANCER_REVIEW";

const noted = new WeakMap<TerraformStack, (() => readonly ReviewModel[])[]>();

/** Registers the review models of a construct. Synthesis calls `models`, but only if `show` asked for review models. */
export function noteForReview(scope: IConstruct, models: () => readonly ReviewModel[]): void {
  if (process.env[REVIEW_FOLDER] === undefined) return;
  const stack = TerraformStack.of(scope);
  const before = noted.get(stack);
  if (before !== undefined) {
    before.push(models);
    return;
  }
  noted.set(stack, [models]);
  Aspects.of(stack).add(new WriteNotes(stack));
}

class WriteNotes implements IAspect {
  public constructor(private readonly stack: TerraformStack) {}

  public visit(node: IConstruct): void {
    const folder = process.env[REVIEW_FOLDER];
    if (node !== this.stack || folder === undefined) return;
    mkdirSync(folder, { recursive: true });
    const models = (noted.get(this.stack) ?? []).flatMap((of) => of()).map((model) => this.resolved(model));
    writeFileSync(join(folder, `${this.stack.node.id}.json`), JSON.stringify(models));
  }

  /** Replaces each token by its Terraform expression. */
  private resolved(model: ReviewModel): ReviewModel {
    return Tokenization.resolve(model, {
      scope: this.stack,
      resolver: new DefaultTokenResolver(new StringConcat()),
      preparing: false,
    }) as ReviewModel;
  }
}
