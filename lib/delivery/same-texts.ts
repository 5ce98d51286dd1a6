import { Construct } from "constructs";
import { resolved } from "./resolved";

/** Texts by what they are for, such as the path of a file. */
export interface Texts {
  readonly [name: string]: string;
}

/** Whether Terraform will read the same texts: two tokens can stand for the same value, so texts that differ are resolved first. */
export function sameTexts(scope: Construct, ones: Texts, others: Texts): boolean {
  const read = (text: string | undefined): unknown => (text === undefined ? undefined : resolved(scope, text));
  return Object.keys({ ...ones, ...others }).every((name) => ones[name] === others[name] || read(ones[name]) === read(others[name]));
}
