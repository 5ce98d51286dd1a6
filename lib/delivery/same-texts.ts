import { IResolveContext } from "cdktf";
import { deferred } from "./deferred";
import { literalText } from "./terraform-text";

/** Texts by what they are for, such as the path of a file. */
export interface Texts {
  readonly [name: string]: string;
}

/**
 * One of two texts: the first where `ones` and `others` are alike, else the second. Two tokens can stand for the same
 * value, so texts that differ are compared again at synthesis, as Terraform is to read them.
 */
export function whereAlike(ones: Texts, others: Texts, alike: string, differing: string): string {
  const names = Object.keys({ ...ones, ...others });
  const unlike = names.filter((name) => ones[name] !== others[name]);
  if (unlike.length === 0) return alike;
  const resolved = (texts: Texts, name: string, context: IResolveContext): string | undefined => {
    const text = texts[name];
    return text === undefined ? undefined : literalText(text, context);
  };
  return deferred((context) =>
    literalText(unlike.every((name) => resolved(ones, name, context) === resolved(others, name, context)) ? alike : differing, context));
}
