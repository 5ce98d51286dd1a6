import { DefaultTokenResolver, StringConcat, Tokenization } from "cdktf";
import { IConstruct } from "constructs";

/**
 * Resolves the tokens in `value`. Use this function outside of cdktf's synthesis. A value that Terraform fills in
 * becomes its Terraform expression.
 */
export function resolved(scope: IConstruct, value: unknown): unknown {
  return Tokenization.resolve(value, { scope, resolver: new DefaultTokenResolver(new StringConcat()), preparing: false }) as unknown;
}
