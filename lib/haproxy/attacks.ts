import { noteRule } from "./log-format";
import { Block, when } from "./section";

/** One published attack: a request that shows any of its signs is refused. */
export interface AttackModel {
  /** The end of its rule's name in the log, `attack-NAME`. */
  readonly name: string;
  readonly signs: readonly AttackSign[];
}

/** All of what is set has to hold. Nothing in it is a regular expression but `headerMatches`, which only the catalogue sets. */
export interface AttackSign {
  readonly methods?: readonly string[];
  readonly otherMethodsThan?: readonly string[];
  /** First segments of the path, of which it has one. */
  readonly directories?: readonly string[];
  /** How the decoded path begins. */
  readonly under?: string;
  /** Endings of the decoded path, of which it has one. */
  readonly endings?: readonly string[];
  /** Texts that the URL has in this order, path or query, in any case and encoding. */
  readonly url?: readonly string[];
  /** Names of headers, of which the request has one. */
  readonly headers?: readonly string[];
  readonly cookie?: string;
  readonly headerMatches?: { readonly name: string; readonly pattern: string };
}

/**
 * Refuses requests that show a sign of a published attack. Comes after the rules for paths: `txn.path` is decoded and
 * `txn.directory` known. `counted`: the metrics port counts refusals by rule. `elsewhere`: some requests are for other hosts, which are no Exchange.
 */
export function attackRules(attacks: readonly AttackModel[], counted: boolean, elsewhere: boolean): readonly Block[] {
  if (attacks.length === 0) return [];
  const lines = attacks.flatMap(({ name, signs }) => signs.map((sign) => `http-request set-var(txn.attack) str(attack-${name}) if ${condition(sign)}`));
  return [
    {
      comment: "refuse known attacks on Exchange, one entry of the catalogue a line: see docs/guards.md",
      lines: [...lines, ...when(elsewhere, "http-request unset-var(txn.attack) if elsewhere"), ...noteRule("txn.attack", counted), "http-request deny if { var(txn.attack) -m found }"],
    },
  ];
}

function condition(sign: AttackSign): string {
  const { methods, otherMethodsThan, directories, under, endings, url, headers, cookie, headerMatches } = sign;
  // The cheap ones first: HAProxy stops at the first that does not hold.
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

/** IIS's server variables know no difference between a dash and an underscore in a header's name. */
function headerPattern(name: string): string {
  return [...name].map((letter) => (letter === "-" || letter === "_" ? "[-_]" : plain(letter))).join("");
}

/**
 * Text as a regular expression that means it, and as a word of haproxy.cfg: what is no letter or digit is the byte in
 * brackets. Not behind a backslash, since `\<` and others mean something to libc's expressions; but the three that brackets do not take.
 */
function plain(text: string): string {
  const one = (letter: string): string => (/[\\^\]]/.test(letter) ? `\\x5c\\x${hex(letter)}` : `[\\x${hex(letter)}]`);
  return [...text].map((letter) => (/[A-Za-z0-9]/.test(letter) ? letter : one(letter))).join("");
}

/**
 * Text as a URL may spell it for a server that decodes once or more often: itself, `%70`, `%2570`, `%u0070`, `%%37%30`. A
 * converter is no help: url_dec gives nothing where one `%` in the URL is malformed, and IIS decodes the others.
 */
function inAnyEncoding(text: string): string {
  return [...text].map((letter) => `(${plain(letter)}|%(25)*(u00)?${codes(letter)})`).join("");
}

/** The code of a character in hexadecimal digits, of both cases of a letter: `[46]1` for a and A. */
function codes(letter: string): string {
  const both = [...new Set([hex(letter.toLowerCase()), hex(letter.toUpperCase())])];
  const high = [...new Set(both.map((code) => code[0] ?? ""))];
  return `${digit(high)}${digit([both[0]?.[1] ?? ""])}`;
}

/** A digit of such a code, which may be encoded itself. */
function digit(values: readonly string[]): string {
  const encoded = values.map((value) => (/\d/.test(value) ? `3${value}` : `[46]${hex(value)[1] ?? ""}`));
  const either = values.length === 1 ? values.join("") : `[${values.join("")}]`;
  return `(${either}|%(${encoded.join("|")}))`;
}

function hex(letter: string): string {
  return letter.charCodeAt(0).toString(16).padStart(2, "0");
}
