import { AttackModel } from "./attacks";

/** A published attack. */
export interface CatalogueEntry extends AttackModel {
  /** The CVE numbers, or `none` if the request is not an attack by itself. */
  readonly cve: string;
  /** The day on which the entry was added or last changed. */
  readonly since: string;
  /** Which requests the entry refuses. */
  readonly matches: string;
  /** Which harmless requests the entry might also refuse. */
  readonly costs: string;
  /** When an administrator can leave the entry out. */
  readonly mayGo: string;
}

/** The day on which the catalogue was last reviewed. */
export const CATALOGUE_DATE = "2026-11-26";

const STATIC_FILES = [".js", ".css", ".flt", ".gif", ".png", ".jpg", ".svg", ".ico", ".ttf", ".eot", ".woff", ".woff2", ".htm", ".html"];
const READING = ["GET", "HEAD", "OPTIONS"];

/** The catalogue of published attacks. The signs of each attack come from public advisories. */
export const ATTACK_CATALOGUE: readonly CatalogueEntry[] = [
  {
    name: "proxylogon",
    cve: "CVE-2021-26855, CVE-2021-27065",
    since: "2026-11-26",
    matches:
      "a cookie X-AnonResource-Backend; a cookie X-BEResource whose value contains more than a server's name, a tilde and a version; any method except GET, HEAD and OPTIONS for a static file below /ecp or /owa/auth",
    costs: "no harmless request with these signs is known. Microsoft's own mitigation of March 2021 refuses the same cookies",
    mayGo: "you can leave the entry out when each member has the updates of March 2021 or later",
    signs: [
      { headerMatches: { name: "cookie", pattern: "x-anonresource-backend" } },
      // Exchange itself sets X-BEResource to a value such as EXCH01.lab.test~1941962753.
      { headerMatches: { name: "cookie", pattern: "x-beresource[^=;]*=[^;]*[^a-z0-9.~_;\\x20-]" } },
      { otherMethodsThan: READING, directories: ["ecp"], endings: STATIC_FILES },
      { otherMethodsThan: READING, under: "/owa/auth/", endings: STATIC_FILES },
    ],
  },
  {
    name: "proxyshell",
    cve: "CVE-2021-34473, CVE-2021-34523, CVE-2021-31207",
    since: "2026-11-26",
    matches:
      "an Autodiscover URL with autodiscover.json, then an @, then a slash or backslash; an Autodiscover URL with an @ that has no mailbox name before it; a cookie Email that contains autodiscover; an identity (X-Rps-CAT) in a URL below /PowerShell",
    costs: "no harmless request with these signs is known. HAProxy does not refuse an Autodiscover URL just because its path or query contains a mailbox's address",
    mayGo: "you can leave the entry out when each member has the updates of July 2021 or later",
    signs: [
      { directories: ["autodiscover"], url: ["autodiscover.json", "@", "/"] },
      { directories: ["autodiscover"], url: ["autodiscover.json", "@", "\\"] },
      ...["json@", "/@", "?@", "=@", "&@"].map((text) => ({ directories: ["autodiscover"], url: ["autodiscover", text] })),
      { headerMatches: { name: "cookie", pattern: "(^|[;,[:space:]])email[[:space:]]*=[^;]*autodiscover" } },
      { directories: ["powershell"], url: ["x-rps-cat"] },
    ],
  },
  {
    name: "proxynotshell",
    cve: "CVE-2022-41040, CVE-2022-41082",
    since: "2026-11-26",
    matches: "the word powershell anywhere in a URL below /autodiscover or /mapi",
    costs: "Autodiscover requests by REST for a mailbox whose address contains the word powershell. Microsoft's mitigation of 2022 refuses the same requests",
    mayGo: "you can leave the entry out when each member has the updates of November 2022 or later",
    signs: [{ directories: ["autodiscover", "mapi"], url: ["powershell"] }],
  },
  {
    name: "owassrf",
    cve: "CVE-2022-41080, CVE-2022-41123",
    since: "2026-11-26",
    matches: "the word powershell anywhere in a URL below /owa; a header X-OWA-ExplicitLogonUser with a slash",
    costs: "requests for a published calendar whose name contains the word powershell, or for a mailbox that is opened by an address with this word",
    mayGo: "you can leave the entry out when each member has the updates of November 2022 or later",
    signs: [
      { directories: ["owa"], url: ["powershell"] },
      { headerMatches: { name: "x-owa-explicitlogonuser", pattern: "(/|\\x5c\\x5c|%(25)*(2f|5c))" } },
    ],
  },
  {
    name: "tabshell",
    cve: "CVE-2022-41076",
    since: "2026-11-26",
    matches: "the word powershell anywhere in a URL below /ecp, /ews, /oab, /api or /rpc. With such a URL, an attack would reach PowerShell through these directories, even if /PowerShell itself is not served",
    costs: "requests for the photo of a contact whose address contains the word powershell",
    mayGo: "you can leave the entry out when each member has the updates of November 2022 or later",
    signs: [{ directories: ["ecp", "ews", "oab", "api", "rpc"], url: ["powershell"] }],
  },
  {
    name: "proxytoken",
    cve: "CVE-2021-33766",
    since: "2026-11-26",
    matches: "a request below /ecp with a cookie SecurityToken that is not empty",
    costs: "requests with delegated authentication between Exchange organizations (DelegatedAuth), which a single organization does not use",
    mayGo: "you can leave the entry out when each member has the updates of July 2021 or later",
    signs: [{ directories: ["ecp"], headerMatches: { name: "cookie", pattern: "(^|[;,[:space:]])securitytoken[[:space:]]*=[[:space:]]*[^;[:space:]]" } }],
  },
  {
    name: "unused-method",
    cve: "none",
    since: "2026-11-26",
    matches: "the methods TRACE, TRACK and DEBUG",
    costs: "no harmless request is refused, because no client of Exchange uses these methods",
    mayGo: "always keep the entry, because HAProxy makes only one comparison for it",
    signs: [{ methods: ["TRACE", "TRACK", "DEBUG"] }],
  },
  {
    name: "forged-header",
    cve: "none",
    since: "2026-11-26",
    matches:
      "the headers X-Original-URL and X-Rewrite-URL, with which some servers replace the path after the rules have checked it; the headers msExchProxyUri, X-BEResource, X-CommonAccessToken and X-IsFromCafe, which Exchange's own servers send to each other. Dashes and underscores are treated as the same character",
    costs: "requests from a proxy in front of the balancer, if this proxy adds such a header. Requests between Exchange's own servers are not affected, because they do not pass through the balancer",
    mayGo: "always keep the entry, because it costs HAProxy only one expression over the names of a request's headers",
    signs: [{ headers: ["X-Original-URL", "X-Rewrite-URL", "msExchProxyUri", "X-BEResource", "X-CommonAccessToken", "X-IsFromCafe"] }],
  },
];
