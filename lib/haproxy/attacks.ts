import { noteRule } from "./log-format";
import { Block, when } from "./section";

/** A published attack. HAProxy refuses a request if at least one of the attack's signs matches. */
export interface AttackModel {
  /** The attack's name. The log line of a refused request has `rule=attack-NAME`. */
  readonly name: string;
  readonly signs: readonly AttackSign[];
}

/**
 * What a request must have so that it looks like the attack. A sign matches if each field that is set matches. All
 * fields are plain text except `headerMatches`, which has a regular expression and occurs only in the catalogue.
 */
export interface AttackSign {
  readonly methods?: readonly string[];
  readonly otherMethodsThan?: readonly string[];
  /** The first segment of the path must be one of these texts. */
  readonly directories?: readonly string[];
  /** The decoded path must begin with this text. */
  readonly under?: string;
  /** The decoded path must have one of these endings. */
  readonly endings?: readonly string[];
  /** The URL (path and query) must contain these texts in this order. Case and encoding do not matter. */
  readonly url?: readonly string[];
  /** The request must have one of these headers. */
  readonly headers?: readonly string[];
  readonly cookie?: string;
  readonly headerMatches?: { readonly name: string; readonly pattern: string };
}

/**
 * Rules that refuse requests with a sign of a published attack. They must come after the rules for paths, which set
 * `txn.path` (decoded) and `txn.directory`.
 *
 * @param counted whether the metrics port counts refused requests by rule
 * @param elsewhere whether the frontend also serves other web sites, to which these rules must not apply
 */
export function attackRules(attacks: readonly AttackModel[], counted: boolean, elsewhere: boolean): readonly Block[] {
  if (attacks.length === 0) return [];
  const lines = attacks.flatMap(({ name, signs }) => signs.map((sign) => `http-request set-var(txn.attack) str(attack-${name}) if ${condition(sign)}`));
  return [
    {
      comment: "refuse requests that look like a known attack on Exchange (docs/guards.md lists the attacks)",
      lines: [...lines, ...when(elsewhere, "http-request unset-var(txn.attack) if elsewhere"), ...noteRule("txn.attack", counted), "http-request deny if { var(txn.attack) -m found }"],
    },
  ];
}

function condition(sign: AttackSign): string {
  const { methods, otherMethodsThan, directories, under, endings, url, headers, cookie, headerMatches } = sign;
  // Cheap conditions come first, because HAProxy stops at the first condition that does not match.
  return [
    ...when(methods !== undefined, `{ method ${(methods ?? []).join(" ")} }`),
    ...when(otherMethodsThan !== undefined, `!{ method ${(otherMethodsThan ?? []).join(" ")} }`),
    ...when(directories !== undefined, `{ var(txn.directory) -m str -i ${(directories ?? []).join(" ")} }`),
    ...when(under !== undefined, `{ var(txn.path) -m beg -i ${under ?? ""} }`),
    ...when(endings !== undefined, `{ var(txn.path) -m end -i ${(endings ?? []).join(" ")} }`),
    ...when(headers !== undefined, `{ req.hdr_names -m reg -i (^|,)(${(headers ?? []).map(headerPattern).join("|")})(,|$) }`),
    ...when(cookie !== undefined, `{ req.fhdr(cookie) -m reg -i (^|[;,[:space:]])${plain(cookie ?? "")}[[:space:]]*= }`),
    ...(headerMatches === undefined ? [] : [`{ req.fhdr(${headerMatches.name}) -m reg -i ${headerMatches.pattern} }`]),
    ...when(url !== undefined, `{ url -m reg -i ${(url ?? []).map(inAnyEncoding).join(".*")} }`),
  ].join(" ");
}

/**
 * A regular expression for the name of a header. A dash in the name also matches an underscore, and the other way
 * round, because IIS's server variables do not distinguish them.
 */
function headerPattern(name: string): string {
  return [...name].map((letter) => (letter === "-" || letter === "_" ? "[-_]" : plain(letter))).join("");
}

/**
 * Writes text as a regular expression that matches exactly this text and is one word in haproxy.cfg. Letters and digits
 * stay as they are. Every other character is written as a byte in brackets, such as `[\x3c]`. A backslash would not do,
 * because `\<` and similar pairs have a meaning of their own in libc's regular expressions. Only the three characters
 * that cannot stand in brackets (`\`, `^` and `]`) are written with a backslash.
 */
function plain(text: string): string {
  const one = (letter: string): string => (/[\\^\]]/.test(letter) ? `\\x5c\\x${hex(letter)}` : `[\\x${hex(letter)}]`);
  return [...text].map((letter) => (/[A-Za-z0-9]/.test(letter) ? letter : one(letter))).join("");
}

/**
 * A regular expression for all spellings of a text in a URL. Servers decode a URL once or several times, so `p` can be
 * written as `%70`, `%2570`, `%u0070` or `%%37%30`. HAProxy's converter url_dec cannot replace this expression: if one
 * `%` in the URL is malformed, url_dec returns nothing, but IIS still decodes the rest.
 */
function inAnyEncoding(text: string): string {
  return [...text].map((letter) => `(${plain(letter)}|%(25)*(u00)?${codes(letter)})`).join("");
}

/**
 * A regular expression for the hexadecimal code of a character. For a letter, it matches the codes of the small and the
 * capital letter: `[46]1` for a and A.
 */
function codes(letter: string): string {
  const both = [...new Set([hex(letter.toLowerCase()), hex(letter.toUpperCase())])];
  const high = [...new Set(both.map((code) => code[0] ?? ""))];
  return `${digit(high)}${digit([both[0]?.[1] ?? ""])}`;
}

/** A regular expression for one digit of a hexadecimal code. The digit itself may be encoded. */
function digit(values: readonly string[]): string {
  const encoded = values.map((value) => (/\d/.test(value) ? `3${value}` : `[46]${hex(value)[1] ?? ""}`));
  const either = values.length === 1 ? values.join("") : `[${values.join("")}]`;
  return `(${either}|%(${encoded.join("|")}))`;
}

function hex(letter: string): string {
  return letter.charCodeAt(0).toString(16).padStart(2, "0");
}
