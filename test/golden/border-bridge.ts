import type { Case } from "../support/site";

/** Border proxies with SSL bridging: Outlook, phones, webmail, hybrid and SMTP. */
export default { border: {} } satisfies Case;
