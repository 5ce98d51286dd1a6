/**
 * HAProxy sends these header names in the spelling given here. Without this list, HAProxy 2 and later send all header
 * names in lower case. Outlook 2016 RTM (16.0.4266) fails on MAPI if the names are in lower case, and on some sites
 * Outlook 2010 fails too. The names come from MS-OXCMAPIHTTP, MS-ASHTTP, IIS and HTTP.
 */
const NAMES = [
  "Accept", "Accept-Encoding", "Accept-Language", "Accept-Ranges", "Allow", "Authorization", "Cache-Control", "Connection",
  "Content-Encoding", "Content-Length", "Content-Range", "Content-Type", "Cookie", "Date", "ETag", "Expect", "Expires", "Host",
  "If-Modified-Since", "If-None-Match", "Keep-Alive", "Last-Modified", "Location", "MS-ASProtocolCommands", "MS-ASProtocolVersion",
  "MS-ASProtocolVersions", "MS-Server-ActiveSync", "Persistent-Auth", "Pragma", "Public", "Range", "Referer", "Retry-After", "Server",
  "Set-Cookie", "SOAPAction", "Transfer-Encoding", "User-Agent", "Vary", "WWW-Authenticate", "X-AnchorMailbox", "X-BEServer",
  "X-ClientApplication", "X-ClientInfo", "X-DiagInfo", "X-ExpirationInfo", "X-FEServer", "X-Forwarded-For", "X-Forwarded-Proto",
  "X-MS-PolicyKey", "X-PendingPeriod", "X-RequestId", "X-RequestType", "X-ResponseCode", "X-ServerApplication", "X-User-Identity",
];

export const HEADER_CASE_LINES: readonly string[] = NAMES.map((name) => `h1-case-adjust ${name.toLowerCase()} ${name}`);
