import { canonical, spelling } from "./addresses";

/** Turns all spellings of a value into the same spelling: `known` at synthesis, `token` by Terraform code. */
export interface Sameness {
  readonly known: (value: string) => string;
  readonly token: (value: string) => string;
}

export const AS_IT_IS: Sameness = { known: (value) => value, token: (value) => value };

/** Names that differ only in case are the same. */
export const ANY_CASE: Sameness = {
  known: (value) => value.toLowerCase(),
  token: (value) => `lower(${value})`,
};

/**
 * An address is the same with and without a prefix length, and in all spellings of IPv6. Names that differ only in case
 * are the same.
 */
export const SAME_HOST: Sameness = {
  known: (value) => spelling(value.replace(/[/].*/, "")),
  token: (value) => `lower(${canonical(`element(split("/", ${value}), 0)`)})`,
};

/** An address or name with a port. Values that differ only in case, or in the address's prefix length, are the same. */
export const SAME_PORT: Sameness = {
  known: (value) => value.replace(/[/][0-9]+/, "").toLowerCase(),
  token: (value) => `lower(replace(${value}, "/[/][0-9]+/", ""))`,
};
