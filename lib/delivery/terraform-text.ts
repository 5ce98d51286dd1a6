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
  if (ONLY_TOKEN.test(text)) return expressionText(`${ALL_LINES[0]}${text}${ALL_LINES[1]}`, context);
  const parts = text.split(TOKEN);
  const list = parts.map((part, index) =>
    index % 2 === 1 ? expressionText(`${WITHIN_LINE[0]}${part}${WITHIN_LINE[1]}`, context) : escapeBeforeToken(part.split("\n").map(inJson).join('","'), index < parts.length - 1),
  );
  return `["${list.join("")}"]`;
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
