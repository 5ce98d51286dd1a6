import { IResolveContext, Token } from "cdktf";
import { deferred } from "./deferred";

const TOKEN = /(\$\{TfToken\[[a-zA-Z0-9:._-]+\]\})/;
const HAS_TOKEN = new RegExp(TOKEN.source);
const ONLY_TOKEN = new RegExp(`^${TOKEN.source}$`);
/**
 * Matches the position between `$` or `%` and `{`. A text that is split at these positions contains no beginning of a
 * template.
 */
const TEMPLATE_BEGIN = /(?<=[$%])(?=\{)/;

/**
 * Writes text so that Terraform reads it unchanged. `${` and `%{` are escaped, because they would begin templates.
 * Tokens in the text are still resolved. Do not append text to the result.
 *
 * cdktf has no function for this. Fn.rawString does not escape `%{`, and turns a line break into two characters.
 * Also, if a literal `${` stands beside a token, cdktf's scanner reads it as the beginning of a token. So the text is
 * split at its tokens, and each token is resolved by itself.
 */
export function literal(text: string): string {
  if (ONLY_TOKEN.test(text)) return text;
  if (!Token.isUnresolved(text)) return escaped(text);
  return deferred((context) => literalText(text, context));
}

/**
 * Does the same as `literal`, but resolves the tokens immediately with the synthesis context. This creates no further
 * token. Many tokens would slow down a large synthesis.
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
 * Makes an attribute's value from the code of a Terraform expression. Tokens in the code are resolved. To put text into
 * the code, use `argument`.
 */
export function expression(code: string): string {
  return deferred((context) => expressionText(code, context));
}

/** Does the same as `expression`, but resolves the tokens immediately with the synthesis context. */
export function expressionText(code: string, context: IResolveContext): string {
  const { suppressBraces, ignoreEscapes } = context;
  if (!HAS_TOKEN.test(code)) return suppressBraces === true ? code : `\${${code}}`;
  // Within the code, a token becomes a Terraform name without `${}`. cdktf does the same in calls of its Fn.
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
 * Writes text as code for `expression`: as a Terraform string in which quotes, backslashes, line breaks, `${` and `%{`
 * have no special meaning.
 */
export function argument(text: string): string {
  if (ONLY_TOKEN.test(text)) return text;
  const parts = text
    .split(TOKEN)
    .flatMap((part, index) => (index % 2 === 1 ? [part] : part.split(TEMPLATE_BEGIN).map((piece) => JSON.stringify(piece))));
  return parts.length === 1 ? parts.join("") : `join("", [${parts.join(", ")}])`;
}

/**
 * Writes text as a JSON list of its lines. If such a list changes, Terraform's plan prints only the changed lines, with
 * one line before and after them. If a text that is not such a list changes, the plan prints the whole text.
 * `linesCode` is the inverse function in Terraform. `textOfLines` is the inverse function in JavaScript.
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

/**
 * Splits a Terraform template into text and expressions. Entries with even indices are text, entries with odd indices
 * are the code of expressions.
 */
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

/** The position of the next expression in a template, or -1. An escaped `$${` does not begin an expression. */
function nextBegin(template: string, from: number): number {
  const found = /(?:\$\$\{|[^$]|\$(?!\{))*/y;
  found.lastIndex = from;
  found.exec(template);
  return found.lastIndex < template.length ? found.lastIndex : -1;
}

/**
 * The position of the brace that ends an expression. The search skips pairs of braces inside the expression, and braces
 * in the expression's strings.
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

/**
 * Whether an expression is only `$` or `%`. `literalText` writes these characters as an expression if a token follows
 * them.
 */
function isSign(code: string): boolean {
  return code === '"$"' || code === '"%"';
}

/** Terraform code that turns the list of lines from `linesText` back into the text. */
export function linesCode(lines: string): string {
  return `join("\\n", jsondecode(${lines}))`;
}

/**
 * Returns the text that was given to `linesText`. `lines` is the result of `linesText` as cdk.tf.json contains it.
 * Tokens are returned as their Terraform expressions.
 */
export function textOfLines(lines: string): string {
  const [, whole] = new RegExp(`^\\$\\{${ALL_LINES.map(quoted).join("([^]*)")}\\}$`).exec(lines) ?? [];
  // If the token's value was known at synthesis, the code is a Terraform string.
  if (whole !== undefined) return /^"([^"\\]|\\.)*"$/.test(whole) ? unescape(JSON.parse(whole) as string) : `\${${whole}}`;
  const list = lines
    .split(new RegExp(`\\$\\{${WITHIN_LINE.map(quoted).join("([^]*?)")}\\}`))
    .map((part, index) => (index % 2 === 1 ? inJson(`\${${part}}`) : unescape(part)))
    .join("");
  return (JSON.parse(list) as readonly string[]).join("\n");
}

/**
 * The Terraform code before and after a value that is a whole text. Together with the value, this code makes the JSON
 * list of the text's lines.
 */
const ALL_LINES = ['jsonencode(split("\\n", ', "))"] as const;
/**
 * The Terraform code before and after a value that is only a part of a text. The text becomes a JSON list with one
 * entry for each line. The value becomes a piece of one entry, even if the value contains line breaks.
 */
const WITHIN_LINE = ["trimsuffix(trimprefix(jsonencode(", '), "\\""), "\\"")'] as const;

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function quoted(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Escapes text for Terraform. The text must not contain tokens. */
export function escaped(text: string): string {
  return text.replace(/\$\{/g, "$$$${").replace(/%\{/g, "%%{");
}

/**
 * Escapes text. If a token follows, a `$` or `%` at the end of the text becomes an expression. Otherwise this character
 * and the token's `${` would together be an escape.
 */
function escapeBeforeToken(text: string, tokenFollows: boolean): string {
  const whole = escaped(text);
  return tokenFollows ? whole.replace(/[$%]$/, (sign) => `\${"${sign}"}`) : whole;
}

/**
 * Returns the text that was given to `literal`. `text` is the result of `literal` as cdk.tf.json contains it. Tokens
 * are returned as their Terraform expressions.
 */
export function unescape(text: string): string {
  // Both replacements are made in one pass. In a second pass, a `$` from the first pass could form an escape with the
  // characters after it.
  return text.replace(/\$\{"([$%])"\}|([$%])\2(?=\{)/g, "$1$2");
}
