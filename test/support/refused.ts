import { Case, balancerStack } from "./site";

/** Rows for `refuses`: the fault, the case, and the whole error message. */
export type Refused = readonly (readonly [string, Case, string])[];

/** Defines one test for each row, with a case that synthesis must refuse. */
export function refuses(rows: Refused): void {
  test.each(rows)("synthesis refuses %s, and the message names construct, prop, value and remedy", (_, site, message) => {
    expect(() => balancerStack(site)).toThrow(new Error(message));
  });
}

/**
 * Returns the value under the type that the caller needs. So a test can pass a wrong value to a prop, as JavaScript or
 * another language could.
 */
export function untyped<T>(value: unknown): T {
  return value as T;
}

/** Texts that a hostile or careless user might enter. None may reach a config, a shell or a Terraform expression. */
export const INJECTIONS = ["a\nb", "a\r\nb", "a b", 'a"b', "a'b", "a#b", "a;b", "a$(id)b", "a`id`b", "${a}", "%{ if true }", "a\\b", "a\u0000b", "-a", "a\n"];
