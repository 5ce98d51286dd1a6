import type { Case } from "../support/site";

/** Everything that has a default is left to it: with the library's failover instead of the article's. */
export default { balancer: { failover: undefined, allow: {} } } satisfies Case;
