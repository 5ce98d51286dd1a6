import { IResolveContext, Token } from "cdktf";
import { deferred } from "./deferred";

const TOKEN = /(\$\{TfToken\[[a-zA-Z0-9:._-]+\]\})/;
const HAS_TOKEN = new RegExp(TOKEN.source);
const ONLY_TOKEN = new RegExp(`^${TOKEN.source}$`);
/** Between the two characters that begin a template: apart, they begin none. */
const TEMPLATE_BEGIN = /(?<=[$%])(?=\{)/;

/**
 * Text as Terraform must read it to arrive as it was written: `${` and `%{`
 * would else be templates. Tokens in the text stay live.
 *
 * cdktf has no helper that does this (Fn.rawString passes `%{` and turns line
 * breaks into two characters), and its scanner takes every literal `${` beside
 * a token for a token's begin. So the text is cut at its tokens, which are
 * resolved one by one. The result is opaque: nothing may be added to it.
 */
export function literal(text: string): string {
  if (ONLY_TOKEN.test(text)) return text;
  if (!Token.isUnresolved(text)) return escaped(text);
  return deferred((context) => literalText(text, context));
}

/** As `literal`, where synthesis is at hand: the text itself. A token each would cost a large synthesis dear. */
export function literalText(text: string, context: IResolveContext): string {
  if (!HAS_TOKEN.test(text)) return escaped(text);
  if (ONLY_TOKEN.test(text)) return String(context.resolve(text));
  const parts = text.split(TOKEN);
  return parts
    .map((part, index) => (index % 2 === 1 ? String(context.resolve(part)) : escapeBeforeToken(part, index < parts.length - 1)))
    .join("");
}

/**
 * A Terraform expression as the value of an attribute. Tokens in its code stay
 * live; what is no code in it has been through `argument`.
 */
export function expression(code: string): string {
  return deferred((context) => expressionText(code, context));
}

/** As `expression`, where synthesis is at hand: the text itself. */
export function expressionText(code: string, context: IResolveContext): string {
  const { suppressBraces, ignoreEscapes } = context;
  if (!HAS_TOKEN.test(code)) return suppressBraces === true ? code : `\${${code}}`;
  // As within the calls of cdktf's Fn: a token is a name here, without `${}` around it.
  context.suppressBraces = true;
  context.ignoreEscapes = true;
  const resolved = code
    .split(TOKEN)
    .map((part, index) => (index % 2 === 1 ? String(context.resolve(part)) : part))
    .join("");
  context.suppressBraces = suppressBraces;
  context.ignoreEscapes = ignoreEscapes;
  return suppressBraces === true ? resolved : `\${${resolved}}`;
}

/**
 * Text as code for `expression`: a string of Terraform's, in which a quote, a
 * backslash, a line break or a template sign is no more than that.
 */
export function argument(text: string): string {
  if (ONLY_TOKEN.test(text)) return text;
  const parts = text
    .split(TOKEN)
    .flatMap((part, index) => (index % 2 === 1 ? [part] : part.split(TEMPLATE_BEGIN).map((piece) => JSON.stringify(piece))));
  return parts.length === 1 ? parts.join("") : `join("", [${parts.join(", ")}])`;
}

/**
 * Text as a JSON list of its lines: of such a list, Terraform's plan prints the lines that change and one on each side,
 * where it prints the whole of any other text. `linesCode` is the way back in Terraform, `textOfLines` the one in JavaScript.
 */
export function linesText(text: string, context: IResolveContext): string {
  if (!HAS_TOKEN.test(text)) return `["${listed(escaped(text))}"]`;
  const parts = templateParts(literalText(text, context));
  const [before, only, after] = parts;
  if (parts.length === 3 && before === "" && after === "") return `\${${ALL_LINES.join(only)}}`;
  return `["${parts.map((part, index) => (index % 2 === 0 ? listed(part) : isSign(part) ? `\${${part}}` : `\${${WITHIN_LINE.join(part)}}`)).join("")}"]`;
}

function listed(text: string): string {
  return text.split("\n").map(inJson).join('","');
}

/** A template's text and the code of its expressions in turns; text comes first and last. */
function templateParts(template: string): readonly string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = nextBegin(template, 0); at !== -1; at = nextBegin(template, from)) {
    const end = codeEnd(template, at + 2);
    parts.push(template.slice(from, at), template.slice(at + 2, end));
    from = end + 1;
  }
  return [...parts, template.slice(from)];
}

/** Where the next expression begins; a doubled sign begins none. */
function nextBegin(template: string, from: number): number {
  const found = /(?:\$\$\{|[^$]|\$(?!\{))*/y;
  found.lastIndex = from;
  found.exec(template);
  return found.lastIndex < template.length ? found.lastIndex : -1;
}

/** Where an expression's closing brace is: braces nest, and those in a string of Terraform's do not count. */
function codeEnd(code: string, from: number): number {
  let depth = 1;
  for (let at = from; at < code.length; at++) {
    if (code[at] === '"') at = stringEnd(code, at + 1);
    else if (code[at] === "{") depth++;
    else if (code[at] === "}" && --depth === 0) return at;
  }
  return code.length;
}

function stringEnd(code: string, from: number): number {
  for (let at = from; at < code.length; at++) {
    if (code[at] === "\\") at++;
    else if (code.startsWith("$${", at) || code.startsWith("%%{", at)) at += 2;
    else if (code.startsWith("${", at) || code.startsWith("%{", at)) at = codeEnd(code, at + 2);
    else if (code[at] === '"') return at;
  }
  return code.length;
}

/** The one kind of expression that `literalText` writes itself: a sign before a token. */
function isSign(code: string): boolean {
  return code === '"$"' || code === '"%"';
}

/** Code for the text of which `lines` is the list. */
export function linesCode(lines: string): string {
  return `join("\\n", jsondecode(${lines}))`;
}

/** The text that `linesText` was given, from what stands in cdk.tf.json; tokens show as their expressions. */
export function textOfLines(lines: string): string {
  const [, whole] = new RegExp(`^\\$\\{${ALL_LINES.map(quoted).join("([^]*)")}\\}$`).exec(lines) ?? [];
  // Text that was chosen at synthesis stands there as a string of Terraform's.
  if (whole !== undefined) return /^"([^"\\]|\\.)*"$/.test(whole) ? unescape(JSON.parse(whole) as string) : `\${${whole}}`;
  const list = lines
    .split(new RegExp(`\\$\\{${WITHIN_LINE.map(quoted).join("([^]*?)")}\\}`))
    .map((part, index) => (index % 2 === 1 ? inJson(`\${${part}}`) : unescape(part)))
    .join("");
  return (JSON.parse(list) as readonly string[]).join("\n");
}

/** A value's lines, and a value within a line, where a line break of its own stays within it. */
const ALL_LINES = ['jsonencode(split("\\n", ', "))"] as const;
const WITHIN_LINE = ["trimsuffix(trimprefix(jsonencode(", '), "\\""), "\\"")'] as const;

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function quoted(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Text without tokens as Terraform must read it. */
export function escaped(text: string): string {
  return text.replace(/\$\{/g, "$$$${").replace(/%\{/g, "%%{");
}

/** A `$` or `%` right before a token's `${` would turn it into an escape. */
function escapeBeforeToken(text: string, tokenFollows: boolean): string {
  const whole = escaped(text);
  return tokenFollows ? whole.replace(/[$%]$/, (sign) => `\${"${sign}"}`) : whole;
}

/** The text that `literal` was given, from what stands in cdk.tf.json; tokens show as their expressions. */
export function unescape(text: string): string {
  // In one pass: a sign that stood before a token must not be read with what follows it.
  return text.replace(/\$\{"([$%])"\}|([$%])\2(?=\{)/g, "$1$2");
}
