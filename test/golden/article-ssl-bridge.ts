import type { Case } from "../support/site";

/** The article's site with SSL bridging (no setting of this case differs from the article). */
export default {} satisfies Case;
