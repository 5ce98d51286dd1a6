import { canonical, spelling } from "./addresses";

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

/** An address is one with and without its prefix length, and in each spelling of IPv6; a name is one in any case. */
export const SAME_HOST: Sameness = {
  known: (value) => spelling(value.replace(/[/].*/, "")),
  token: (value) => `lower(${canonical(`element(split("/", ${value}), 0)`)})`,
};

/** An address or name with a port behind it; the address may have a prefix length. */
export const SAME_PORT: Sameness = {
  known: (value) => value.replace(/[/][0-9]+/, "").toLowerCase(),
  token: (value) => `lower(replace(${value}, "/[/][0-9]+/", ""))`,
};
