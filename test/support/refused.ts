import { Case, balancerStack } from "./site";

/** The fault, the input, and the whole message: prop, expected value, actual value, construct. */
export type Refused = readonly (readonly [string, Case, string])[];

/** One test for each row of values that must be refused. */
export function refuses(rows: Refused): void {
  test.each(rows)("synthesis refuses %s, and the message names construct, prop, value and remedy", (_, site, message) => {
    expect(() => balancerStack(site)).toThrow(new Error(message));
  });
}

/** A value as JavaScript or another language may pass it, without a type check. */
export function untyped<T>(value: unknown): T {
  return value as T;
}

/** What a hostile or careless user may put into a name: none of it may reach a config, a shell command or a Terraform expression. */
export const INJECTIONS = ["a\nb", "a\r\nb", "a b", 'a"b', "a'b", "a#b", "a;b", "a$(id)b", "a`id`b", "${a}", "%{ if true }", "a\\b", "a\u0000b", "-a", "a\n"];
