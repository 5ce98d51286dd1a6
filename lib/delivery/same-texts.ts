import { Construct } from "constructs";
import { resolved } from "./resolved";

/** Texts by name, such as the path of a file. */
export interface Texts {
  readonly [name: string]: string;
}

/**
 * Whether Terraform will read the same texts. Different tokens can have the same value, so texts that differ are
 * resolved before the comparison.
 */
export function sameTexts(scope: Construct, ones: Texts, others: Texts): boolean {
  const read = (text: string | undefined): unknown => (text === undefined ? undefined : resolved(scope, text));
  return Object.keys({ ...ones, ...others }).every((name) => ones[name] === others[name] || read(ones[name]) === read(others[name]));
}
