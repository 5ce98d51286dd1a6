/**
 * What a value must be: a sentence for the person who reads the error, a test
 * for values known now, and the same test as a Terraform condition for tokens.
 * Patterns hold no backslash and no quote, so that they mean the same in
 * JavaScript, in RE2 and inside a Terraform string.
 */
export interface Rule {
  readonly expected: string;
  readonly test: (value: string) => boolean;
  /** Gets and gives code of Terraform's. */
  readonly condition: (value: string) => string;
}

export function matching(expected: string, pattern: RegExp): Rule {
  return {
    expected,
    test: (value) => pattern.test(value),
    condition: (value) => `can(regex("${pattern.source}", ${value}))`,
  };
}

/** As `matching`, for text of at most so many characters. */
export function short(expected: string, most: number, ...patterns: readonly RegExp[]): Rule {
  return {
    expected,
    test: (value) => value.length <= most && patterns.every((pattern) => pattern.test(value)),
    condition: (value) => `(length(${value}) <= ${most} && ${patterns.map((pattern) => matching("", pattern).condition(value)).join(" && ")})`,
  };
}
