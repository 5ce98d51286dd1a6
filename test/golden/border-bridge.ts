import type { Case } from "../support/site";

/** Border proxies with SSL bridging that publish Outlook, phones, webmail, hybrid and SMTP. */
export default { border: {} } satisfies Case;
