/** What makes two spellings one value, in JavaScript and as code of Terraform's. */
export interface Sameness {
  readonly known: (value: string) => string;
  readonly token: (value: string) => string;
}

export const AS_IT_IS: Sameness = { known: (value) => value, token: (value) => value };

/** Names differ by more than case. */
export const ANY_CASE: Sameness = {
  known: (value) => value.toLowerCase(),
  token: (value) => `lower(${value})`,
};

/** An address is one with and without its prefix length. */
export const WITHOUT_PREFIX: Sameness = {
  known: (value) => value.replace(/[/].*/, ""),
  token: (value) => `element(split("/", ${value}), 0)`,
};
