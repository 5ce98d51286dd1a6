/**
 * What a value must be: a phrase for error messages, a test for known values, and the same test as a Terraform
 * condition for tokens. Patterns contain no backslash and no quote, so that they mean the same in JavaScript, in RE2
 * and inside a Terraform string.
 */
export interface Rule {
  readonly expected: string;
  readonly test: (value: string) => boolean;
  /** Receives a Terraform expression for the value. Returns a Terraform condition. */
  readonly condition: (value: string) => string;
}

export function matching(expected: string, pattern: RegExp): Rule {
  return {
    expected,
    test: (value) => pattern.test(value),
    condition: (value) => `can(regex("${pattern.source}", ${value}))`,
  };
}

/** A rule for text that matches all patterns, and has at most `most` characters. */
export function short(expected: string, most: number, ...patterns: readonly RegExp[]): Rule {
  return {
    expected,
    test: (value) => value.length <= most && patterns.every((pattern) => pattern.test(value)),
    condition: (value) => `(length(${value}) <= ${most} && ${patterns.map((pattern) => matching("", pattern).condition(value)).join(" && ")})`,
  };
}
