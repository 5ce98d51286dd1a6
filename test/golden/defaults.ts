import type { Case } from "../support/site";

/** The article's site with SSL bridging, the library's default failover and no allow list. */
export default { balancer: { failover: undefined, allow: {} } } satisfies Case;
