import { Construct } from "constructs";
import { resolved } from "./resolved";

/** Maps names, such as the paths of files, to texts. */
export interface Texts {
  readonly [name: string]: string;
}

/**
 * Whether two sets of texts will be equal in Terraform. Different tokens can stand for the same value, so texts that
 * differ are resolved and compared again.
 */
export function sameTexts(scope: Construct, ones: Texts, others: Texts): boolean {
  const read = (text: string | undefined): unknown => (text === undefined ? undefined : resolved(scope, text));
  return Object.keys({ ...ones, ...others }).every((name) => ones[name] === others[name] || read(ones[name]) === read(others[name]));
}
