import { AttackModel } from "./attacks";

/** A published attack. */
export interface CatalogueEntry extends AttackModel {
  /** The CVE numbers, or `none` if the request is not an attack by itself. */
  readonly cve: string;
  /** The day on which the entry was added or last changed. */
  readonly since: string;
  /** The requests that the entry refuses. */
  readonly matches: string;
  /** The harmless requests that the entry might refuse. */
  readonly costs: string;
  /** When the entry can be left out. */
  readonly mayGo: string;
}

/** The day on which the catalogue was last reviewed. */
export const CATALOGUE_DATE = "2026-11-26";

const STATIC_FILES = [".js", ".css", ".flt", ".gif", ".png", ".jpg", ".svg", ".ico", ".ttf", ".eot", ".woff", ".woff2", ".htm", ".html"];
const READING = ["GET", "HEAD", "OPTIONS"];

/** The catalogue. The signs come from public advisories, which describe the attacks. */
export const ATTACK_CATALOGUE: readonly CatalogueEntry[] = [
  {
    name: "proxylogon",
    cve: "CVE-2021-26855, CVE-2021-27065",
    since: "2026-11-26",
    matches:
      "a cookie X-AnonResource-Backend; a cookie X-BEResource that is more than a server's name, a tilde and a version; anything but GET, HEAD and OPTIONS for a static file below /ecp or /owa/auth",
    costs: "nothing known: Microsoft's own mitigation of March 2021 refuses the same cookies",
    mayGo: "when each member has the updates of March 2021 or later",
    signs: [
      { headerMatches: { name: "cookie", pattern: "x-anonresource-backend" } },
      // The value that Exchange sets itself is EXCH01.lab.test~1941962753.
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
      "autodiscover.json with an @ that is followed by a slash, or has no mailbox name before it; a cookie Email that names autodiscover; an identity (X-Rps-CAT) in a URL below /PowerShell",
    costs: "nothing known: a mailbox's address in the path or query of Autodiscover passes",
    mayGo: "when each member has the updates of July 2021 or later",
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
    costs: "Autodiscover by REST for a mailbox whose address contains the word powershell. Microsoft's mitigation of 2022 refuses the same requests",
    mayGo: "when each member has the updates of November 2022 or later",
    signs: [{ directories: ["autodiscover", "mapi"], url: ["powershell"] }],
  },
  {
    name: "owassrf",
    cve: "CVE-2022-41080, CVE-2022-41123",
    since: "2026-11-26",
    matches: "the word powershell anywhere in a URL below /owa; a header X-OWA-ExplicitLogonUser with a slash",
    costs: "a published calendar, or a mailbox opened by its address, if its name contains the word powershell",
    mayGo: "when each member has the updates of November 2022 or later",
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
    costs: "the photo of a contact whose address contains the word powershell",
    mayGo: "when each member has the updates of November 2022 or later",
    signs: [{ directories: ["ecp", "ews", "oab", "api", "rpc"], url: ["powershell"] }],
  },
  {
    name: "proxytoken",
    cve: "CVE-2021-33766",
    since: "2026-11-26",
    matches: "a cookie SecurityToken that is not empty, below /ecp",
    costs: "delegated authentication between Exchange organizations (DelegatedAuth), which a single organization does not use",
    mayGo: "when each member has the updates of July 2021 or later",
    signs: [{ directories: ["ecp"], headerMatches: { name: "cookie", pattern: "(^|[;,[:space:]])securitytoken[[:space:]]*=[[:space:]]*[^;[:space:]]" } }],
  },
  {
    name: "unused-method",
    cve: "none",
    since: "2026-11-26",
    matches: "the methods TRACE, TRACK and DEBUG",
    costs: "nothing: no client of Exchange uses them",
    mayGo: "never: it costs one comparison",
    signs: [{ methods: ["TRACE", "TRACK", "DEBUG"] }],
  },
  {
    name: "forged-header",
    cve: "none",
    since: "2026-11-26",
    matches:
      "the headers X-Original-URL and X-Rewrite-URL, with which some servers replace the path after the rules have checked it; msExchProxyUri, X-BEResource, X-CommonAccessToken and X-IsFromCafe, by which Exchange's own servers speak to each other. Dashes and underscores count as the same",
    costs: "a proxy in front of this one that adds such a header; Exchange's own servers do not speak to each other through the balancer",
    mayGo: "never: it costs one expression over the headers' names",
    signs: [{ headers: ["X-Original-URL", "X-Rewrite-URL", "msExchProxyUri", "X-BEResource", "X-CommonAccessToken", "X-IsFromCafe"] }],
  },
];
