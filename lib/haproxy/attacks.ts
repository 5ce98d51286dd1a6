import { noteRule } from "./log-format";
import { Block, when } from "./section";

/** A published attack. HAProxy refuses a request that has any of its signs. */
export interface AttackModel {
  /** The attack's name. The log has `rule=attack-NAME`. */
  readonly name: string;
  readonly signs: readonly AttackSign[];
}

/**
 * A sign matches if all of its set fields match. No field is a regular expression except `headerMatches`, which only
 * the catalogue sets.
 */
export interface AttackSign {
  readonly methods?: readonly string[];
  readonly otherMethodsThan?: readonly string[];
  /** The first segment of the path must be one of these. */
  readonly directories?: readonly string[];
  /** The beginning of the decoded path. */
  readonly under?: string;
  /** The decoded path must have one of these endings. */
  readonly endings?: readonly string[];
  /** Texts that the URL (path or query) must contain in this order, in any case and encoding. */
  readonly url?: readonly string[];
  /** The request must have one of these headers. */
  readonly headers?: readonly string[];
  readonly cookie?: string;
  readonly headerMatches?: { readonly name: string; readonly pattern: string };
}

/**
 * Refuses requests with a sign of a published attack. The rules come after the rules for paths, which set `txn.path`
 * (decoded) and `txn.directory`. `counted`: the metrics port counts refusals by rule. `elsewhere`: some requests are
 * for other hosts than Exchange.
 */
export function attackRules(attacks: readonly AttackModel[], counted: boolean, elsewhere: boolean): readonly Block[] {
  if (attacks.length === 0) return [];
  const lines = attacks.flatMap(({ name, signs }) => signs.map((sign) => `http-request set-var(txn.attack) str(attack-${name}) if ${condition(sign)}`));
  return [
    {
      comment: "refuse known attacks on Exchange, by the signs of the catalogue (docs/guards.md)",
      lines: [...lines, ...when(elsewhere, "http-request unset-var(txn.attack) if elsewhere"), ...noteRule("txn.attack", counted), "http-request deny if { var(txn.attack) -m found }"],
    },
  ];
}

function condition(sign: AttackSign): string {
  const { methods, otherMethodsThan, directories, under, endings, url, headers, cookie, headerMatches } = sign;
  // The cheap conditions come first, because HAProxy stops at the first condition that does not match.
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

/** IIS's server variables make no difference between a dash and an underscore in the name of a header. */
function headerPattern(name: string): string {
  return [...name].map((letter) => (letter === "-" || letter === "_" ? "[-_]" : plain(letter))).join("");
}

/**
 * Writes a text as a regular expression that matches exactly this text, and that is one word of haproxy.cfg. Each
 * character that is not a letter or digit is a byte in brackets. A backslash before the character would not work for
 * all: `\<` and others have a meaning in libc's expressions. Only the three characters that cannot be in brackets get a
 * backslash.
 */
function plain(text: string): string {
  const one = (letter: string): string => (/[\\^\]]/.test(letter) ? `\\x5c\\x${hex(letter)}` : `[\\x${hex(letter)}]`);
  return [...text].map((letter) => (/[A-Za-z0-9]/.test(letter) ? letter : one(letter))).join("");
}

/**
 * A regular expression for all spellings of a text in a URL, for a server that decodes once or several times: `p`,
 * `%70`, `%2570`, `%u0070`, `%%37%30`. The converter url_dec cannot be used: if one `%` in the URL is malformed,
 * url_dec returns nothing, but IIS decodes the other ones.
 */
function inAnyEncoding(text: string): string {
  return [...text].map((letter) => `(${plain(letter)}|%(25)*(u00)?${codes(letter)})`).join("");
}

/** The hexadecimal code of a character, for both cases of a letter: `[46]1` for a and A. */
function codes(letter: string): string {
  const both = [...new Set([hex(letter.toLowerCase()), hex(letter.toUpperCase())])];
  const high = [...new Set(both.map((code) => code[0] ?? ""))];
  return `${digit(high)}${digit([both[0]?.[1] ?? ""])}`;
}

/** A digit of such a code. The digit itself may be encoded. */
function digit(values: readonly string[]): string {
  const encoded = values.map((value) => (/\d/.test(value) ? `3${value}` : `[46]${hex(value)[1] ?? ""}`));
  const either = values.length === 1 ? values.join("") : `[${values.join("")}]`;
  return `(${either}|%(${encoded.join("|")}))`;
}

function hex(letter: string): string {
  return letter.charCodeAt(0).toString(16).padStart(2, "0");
}
