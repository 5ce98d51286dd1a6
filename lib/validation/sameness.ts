import { canonicalHost } from "./addresses";

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

/** A host is one in any case, and an address in any spelling. */
export const ONE_HOST: Sameness = {
  known: canonicalHost,
  // cidrhost writes IPv6 as Go does, which is as canonicalHost does, and takes neither IPv4 with 128 bits nor a name.
  token: (value) => `try(cidrhost(join("/", [${value}, "128"]), 0), lower(${value}))`,
};

/** An address is one in any spelling, with and without its prefix length. */
export const WITHOUT_PREFIX: Sameness = {
  known: (value) => canonicalHost(value.replace(/[/].*/, "")),
  token: (value) => ONE_HOST.token(`element(split("/", ${value}), 0)`),
};
