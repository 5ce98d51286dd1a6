import { DefaultTokenResolver, StringConcat, Tokenization } from "cdktf";
import { Construct } from "constructs";

/** Texts by what they are for, such as the path of a file. */
export interface Texts {
  readonly [name: string]: string;
}

/** Whether Terraform will read the same texts: two tokens can stand for the same value, so texts that differ are resolved first. */
export function sameTexts(scope: Construct, ones: Texts, others: Texts): boolean {
  const how = { scope, resolver: new DefaultTokenResolver(new StringConcat()), preparing: false };
  const resolved = (text: string | undefined): unknown => (text === undefined ? undefined : Tokenization.resolve(text, how));
  return Object.keys({ ...ones, ...others }).every((name) => ones[name] === others[name] || resolved(ones[name]) === resolved(others[name]));
}
