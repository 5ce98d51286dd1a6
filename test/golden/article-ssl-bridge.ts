import type { Case } from "../support/site";

/** The article's site with SSL bridging. */
export default {} satisfies Case;
