import { canonical, spelling } from "./addresses";

/** Decides which spellings are the same value, as a JavaScript function and as Terraform code. */
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
 * Addresses are the same with and without a prefix length, and in all spellings of IPv6. Names that differ only in case
 * are the same.
 */
export const SAME_HOST: Sameness = {
  known: (value) => spelling(value.replace(/[/].*/, "")),
  token: (value) => `lower(${canonical(`element(split("/", ${value}), 0)`)})`,
};

/** For an address or name with a port. The address may have a prefix length. */
export const SAME_PORT: Sameness = {
  known: (value) => value.replace(/[/][0-9]+/, "").toLowerCase(),
  token: (value) => `lower(replace(${value}, "/[/][0-9]+/", ""))`,
};
