import { IResolveContext, Token } from "cdktf";
import { deferred } from "./deferred";

const TOKEN = /(\$\{TfToken\[[a-zA-Z0-9:._-]+\]\})/;
const HAS_TOKEN = new RegExp(TOKEN.source);
const ONLY_TOKEN = new RegExp(`^${TOKEN.source}$`);
/** The position between `$` or `%` and `{`. If text is split there, no template begins. */
const TEMPLATE_BEGIN = /(?<=[$%])(?=\{)/;

/**
 * Text in the form that Terraform needs to read it unchanged: `${` and `%{` are escaped, because they would begin
 * templates. Tokens in the text are still resolved.
 *
 * cdktf has no helper for this. Fn.rawString does not escape `%{`, and turns line breaks into two characters. cdktf's
 * scanner also reads a literal `${` beside a token as the beginning of a token. So the text is split at its tokens, and
 * each token is resolved by itself. Do not add text to the result.
 */
export function literal(text: string): string {
  if (ONLY_TOKEN.test(text)) return text;
  if (!Token.isUnresolved(text)) return escaped(text);
  return deferred((context) => literalText(text, context));
}

/**
 * The same as `literal`, but with the synthesis context, so that no further token is needed. Many tokens would slow
 * down a large synthesis.
 */
export function literalText(text: string, context: IResolveContext): string {
  if (!HAS_TOKEN.test(text)) return escaped(text);
  if (ONLY_TOKEN.test(text)) return String(context.resolve(text));
  const parts = text.split(TOKEN);
  return parts
    .map((part, index) => (index % 2 === 1 ? String(context.resolve(part)) : escapeBeforeToken(part, index < parts.length - 1)))
    .join("");
}

/**
 * A Terraform expression as the value of an attribute. Tokens in the code are resolved. Text in the code must come from
 * `argument`.
 */
export function expression(code: string): string {
  return deferred((context) => expressionText(code, context));
}

/** The same as `expression`, but with the synthesis context. */
export function expressionText(code: string, context: IResolveContext): string {
  const { suppressBraces, ignoreEscapes } = context;
  if (!HAS_TOKEN.test(code)) return suppressBraces === true ? code : `\${${code}}`;
  // As in the calls of cdktf's Fn, a token becomes a name without `${}`.
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
 * Text as code for `expression`: a Terraform string in which quotes, backslashes, line breaks and template signs have
 * no special meaning.
 */
export function argument(text: string): string {
  if (ONLY_TOKEN.test(text)) return text;
  const parts = text
    .split(TOKEN)
    .flatMap((part, index) => (index % 2 === 1 ? [part] : part.split(TEMPLATE_BEGIN).map((piece) => JSON.stringify(piece))));
  return parts.length === 1 ? parts.join("") : `join("", [${parts.join(", ")}])`;
}

/**
 * Text as a JSON list of its lines. For such a list, Terraform's plan prints only the changed lines and one line before
 * and after them; for other text, it prints the whole text. `linesCode` is the inverse function in Terraform,
 * `textOfLines` is the inverse function in JavaScript.
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

/** Splits a template: text and the code of expressions alternate. The first and the last entry are text. */
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

/** The position of the next expression. An escaped sign (`$${`) does not begin an expression. */
function nextBegin(template: string, from: number): number {
  const found = /(?:\$\$\{|[^$]|\$(?!\{))*/y;
  found.lastIndex = from;
  found.exec(template);
  return found.lastIndex < template.length ? found.lastIndex : -1;
}

/**
 * The position of an expression's closing brace. Braces can be nested, and braces in a Terraform string do not count.
 */
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

/** Whether an expression is a `$` or `%` before a token, which `literalText` writes as an expression. */
function isSign(code: string): boolean {
  return code === '"$"' || code === '"%"';
}

/** Terraform code for the text from its list of lines. */
export function linesCode(lines: string): string {
  return `join("\\n", jsondecode(${lines}))`;
}

/** The text that was given to `linesText`, from the text in cdk.tf.json. Tokens are shown as their expressions. */
export function textOfLines(lines: string): string {
  const [, whole] = new RegExp(`^\\$\\{${ALL_LINES.map(quoted).join("([^]*)")}\\}$`).exec(lines) ?? [];
  // If the text was chosen at synthesis, the code is a Terraform string.
  if (whole !== undefined) return /^"([^"\\]|\\.)*"$/.test(whole) ? unescape(JSON.parse(whole) as string) : `\${${whole}}`;
  const list = lines
    .split(new RegExp(`\\$\\{${WITHIN_LINE.map(quoted).join("([^]*?)")}\\}`))
    .map((part, index) => (index % 2 === 1 ? inJson(`\${${part}}`) : unescape(part)))
    .join("");
  return (JSON.parse(list) as readonly string[]).join("\n");
}

/**
 * The code around a value that is the whole text, and around a value within a line. In the second case, a line break in
 * the value stays within the line.
 */
const ALL_LINES = ['jsonencode(split("\\n", ', "))"] as const;
const WITHIN_LINE = ["trimsuffix(trimprefix(jsonencode(", '), "\\""), "\\"")'] as const;

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function quoted(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Text without tokens, escaped for Terraform. */
export function escaped(text: string): string {
  return text.replace(/\$\{/g, "$$$${").replace(/%\{/g, "%%{");
}

/**
 * Escapes text. A `$` or `%` directly before a token's `${` becomes an expression, because it would turn `${` into an
 * escape.
 */
function escapeBeforeToken(text: string, tokenFollows: boolean): string {
  const whole = escaped(text);
  return tokenFollows ? whole.replace(/[$%]$/, (sign) => `\${"${sign}"}`) : whole;
}

/** The text that was given to `literal`, from the text in cdk.tf.json. Tokens are shown as their expressions. */
export function unescape(text: string): string {
  // In one pass, so that a sign before a token is not combined with the next characters.
  return text.replace(/\$\{"([$%])"\}|([$%])\2(?=\{)/g, "$1$2");
}
