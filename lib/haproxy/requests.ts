import { REFUSED, HTTP_CAPTURES } from "./log-format";
import { acmeAcl } from "./acme";
import { BridgeModel, HaproxyModel, PathStrictnessLevel } from "./model";
import { butOthers, otherHostRules } from "./other-hosts";
import { Block } from "./section";
import { HaproxyFeatures } from "./versions";

/**
 * The form of a Host header, and of the host in a full URL: a name or an address, with or without a port. An IPv6
 * address is in brackets.
 */
const AUTHORITY = "([a-z0-9_-]+([.][a-z0-9_-]+)*[.]?|[[][0-9a-f:.]+[]])(:[0-9]+)?";

/**
 * Matches a control character other than a tab or a line end. It is written as a negated list of the allowed
 * characters, because haproxy.cfg cannot contain the code of NUL.
 */
const CONTROL = "[^[:print:]\\t\\r\\n\\x80-\\xff]";

/** The parts of the model that say which requests are not for Exchange. */
export type Elsewhere = Pick<HaproxyModel, "otherHosts" | "acme">;

/**
 * The rules that come before all others. They refuse ambiguous requests. They give all other requests one form: one
 * Host header, and a URL of only path and query, without scheme and host. The log has the reason for each refusal.
 */
export function requestRules({ verifyHost, pathStrictness }: BridgeModel, { pathAndQuery }: HaproxyFeatures, { otherHosts = [], acme }: Elsewhere): readonly Block[] {
  const but = butOthers(otherHosts);
  return [
    { comment: "keep Host and User-Agent for the log", lines: HTTP_CAPTURES },
    {
      comment: "refuse control characters in a header",
      lines: [`http-request set-var(txn.refused) str(header) if { req.hdrs -m reg ${CONTROL} }`],
    },
    {
      comment: "refuse a body whose length can be read in two ways",
      lines: [
        "acl length_given req.fhdr_cnt(content-length) gt 0",
        "acl length_plain req.fhdr_cnt(content-length) eq 1",
        "acl length_digits req.fhdr(content-length) -m reg ^[0-9]{1,15}$",
        "acl chunks_given req.fhdr_cnt(transfer-encoding) gt 0",
        "acl chunks_plain req.fhdr_cnt(transfer-encoding) eq 1",
        "acl chunks_only req.fhdr(transfer-encoding) -m str -i chunked",
        "http-request set-var(txn.refused) str(body) if length_given !length_plain || length_given !length_digits",
        "http-request set-var(txn.refused) str(body) if chunks_given !chunks_plain || chunks_given !chunks_only || chunks_given HTTP_1.0",
      ],
    },
    {
      comment: "refuse tunnels: HAProxy cannot check their contents, and Exchange needs neither WebSocket nor any other upgrade",
      lines: [
        // The method is copied to a variable, because HAProxy 3.4 warns about `method -m reg`.
        "http-request set-var(req.method) method,lower",
        "http-request set-var(txn.refused) str(method) if METH_CONNECT || !{ var(req.method) -m reg ^[a-z0-9_-]+$ }",
        "http-request del-header Upgrade",
        "http-request del-header HTTP2-Settings",
        "http-request del-header Connection",
        "http-response deny if { status 101 }",
      ],
    },
    {
      comment: "require exactly one Host header; its host, and the host of a full URL (from proxies and HTTP/2), must be a name or address",
      lines: [
        "acl url_path url_beg /",
        `acl url_plain url -m reg -i ^https?://${AUTHORITY}/`,
        "http-request set-var(txn.refused) str(url) unless url_path || url_plain",
        "http-request set-var(txn.refused) str(url) if { url -m sub \\# }",
        // The header is added, because without a Host header IIS writes its own address into redirects.
        `http-request set-header Host ${verifyHost} if HTTP_1.0 { req.fhdr_cnt(host) eq 0 } !{ var(txn.refused) -m found }`,
        "acl host_once req.fhdr_cnt(host) eq 1",
        `acl host_plain req.fhdr(host) -m reg -i ^${AUTHORITY}$`,
        "http-request set-var(txn.refused) str(host) unless host_once host_plain",
      ],
    },
    {
      comment: "remove scheme and host from a full URL: members get only the path and query, which the rules check",
      lines: pathAndQuery
        ? ["http-request set-uri %[pathq] if url_plain"]
        : [
            "http-request set-var(txn.query) query if url_plain",
            "http-request set-uri %[path]?%[var(txn.query)] if url_plain { var(txn.query) -m found }",
            "http-request set-uri %[path] if url_plain",
          ],
    },
    ...otherHostRules(otherHosts),
    { comment: "recognize ACME challenges, which arrive only on port 80", lines: acmeAcl(acme) },
    {
      comment: "refuse ambiguous paths: dot segments, backslashes, double encoding, control characters, bytes that are not UTF-8",
      lines: [
        "http-request set-var(txn.path) path,url_dec",
        "acl path_absolute path_beg /",
        "acl path_decodes var(txn.path) -m found",
        ...AMBIGUOUS[pathStrictness],
        "acl path_control path -m reg -i %([01][0-9a-f]|7f)",
        `http-request set-var(txn.refused) str(path) if !path_absolute || !path_decodes${but} || path_ambiguous${but}${acme === undefined ? "" : " !acme"} || path_control`,
      ],
    },
    {
      comment: "refuse bytes that are not UTF-8, and characters that Windows turns into a dot or a slash (full-width and others)",
      lines: [
        "acl path_beyond_ascii var(txn.path) -m reg [\\x80-\\xff]",
        ...NOT_UTF8.map((pattern) => `acl path_not_utf8 var(txn.path) -m reg ${pattern}`),
        `acl path_lookalike var(txn.path) -m sub ${LOOKALIKES[pathStrictness].map(utf8).join(" ")}`,
        `http-request set-var(txn.refused) str(encoding) if path_beyond_ascii path_not_utf8${but} || path_beyond_ascii path_lookalike${but}`,
      ],
    },
    {
      lines: [
        REFUSED,
        "http-request deny deny_status 400 if { var(txn.refused) -m found }",
      ],
    },
  ];
}

/**
 * The ACLs that recognize ambiguous paths, for each strictness. In this file, `\\\\` stands for one backslash in a
 * path, and `\\xc0` for one byte.
 */
const AMBIGUOUS: Readonly<Record<PathStrictnessLevel, readonly string[]>> = {
  strict: ["acl path_ambiguous var(txn.path) -m sub \\\\ // /. ; %"],
  lenient: [
    "acl path_ambiguous var(txn.path) -m sub \\\\ // /.. /./ /.; /.\\ ",
    "acl path_ambiguous var(txn.path) -m end /.",
    "acl path_ambiguous var(txn.path) -m reg -i %([0-9a-f][0-9a-f]|u)",
  ],
};

/**
 * Patterns that match malformed UTF-8 (RFC 3629). Old decoders read some malformed bytes, such as overlong forms, as a
 * slash or a dot.
 */
const NOT_UTF8 = [
  // Bytes that never occur in UTF-8. They would begin overlong forms of two bytes, code points beyond Unicode, and
  // forms of five and six bytes.
  "[\\xc0\\xc1\\xf5-\\xff]",
  // Overlong forms of three and four bytes, surrogates, and code points that are too large for Unicode.
  "(\\xe0[\\x80-\\x9f]|\\xed[\\xa0-\\xbf]|\\xf0[\\x80-\\x8f]|\\xf4[\\x90-\\xbf])",
  // A character whose last bytes are missing.
  "([\\xc2-\\xf4]|[\\xe0-\\xf4][\\x80-\\xbf]|[\\xf0-\\xf4][\\x80-\\xbf][\\x80-\\xbf])([^\\x80-\\xbf]|$)",
  // A continuation byte that belongs to no character.
  "(^|[^\\x80-\\xff]|[\\xc2-\\xdf][\\x80-\\xbf]|[\\xe0-\\xef][\\x80-\\xbf][\\x80-\\xbf]|[\\xf0-\\xf4][\\x80-\\xbf][\\x80-\\xbf][\\x80-\\xbf])[\\x80-\\xbf]",
];

/**
 * Characters that Windows might turn into a dot, a slash or a backslash when it converts text to another code page or
 * to Unicode's compatibility forms:
 *
 * - dots: full-width, half-width, small and vertical forms, leaders, ellipses, ideographic full stops
 * - slashes: full-width slash, fraction slash, division slash, and signs like "a/c" (account of)
 * - backslashes: full-width and small backslash, set minus, and the signs for yen and won, which are 0x5c in the code
 *   pages of Japan and Korea
 */
const DOTS_AND_SLASHES = [
  0xff0e, 0xff61, 0xfe52, 0xfe12, 0xfe19, 0xfe30, 0x2024, 0x2025, 0x2026, 0x3002,
  0xff0f, 0x2044, 0x2215, 0x2100, 0x2101, 0x2105, 0x2106,
  0xff3c, 0xfe68, 0x2216, 0xa5, 0xffe5, 0x20a9, 0xffe6,
];

const LOOKALIKES: Readonly<Record<PathStrictnessLevel, readonly number[]>> = {
  // The strictness `strict` also refuses the characters that Windows might turn into % or ;.
  strict: [...DOTS_AND_SLASHES, 0xff05, 0xfe6a, 0xff1b, 0xfe54, 0x37e],
  lenient: DOTS_AND_SLASHES,
};

/** Writes the UTF-8 bytes of a character in the notation of haproxy.cfg. */
function utf8(codePoint: number): string {
  return [...Buffer.from(String.fromCodePoint(codePoint), "utf8")].map((byte) => `\\x${byte.toString(16)}`).join("");
}
