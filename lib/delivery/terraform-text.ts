import { Fn, IResolveContext, Lazy, Token } from "cdktf";

const TOKEN = /(\$\{TfToken\[[a-zA-Z0-9:._-]+\]\})/;
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
  if (!Token.isUnresolved(text)) return escape(text);
  const parts = text.split(TOKEN);
  return Lazy.stringValue({
    produce: (context: IResolveContext) =>
      parts
        .map((part, index) => (index % 2 === 1 ? String(context.resolve(part)) : escapeBeforeToken(part, index < parts.length - 1)))
        .join(""),
  });
}

/**
 * The same text as an argument for one of Terraform's functions, where a quote
 * or a line break would end the string.
 */
export function argument(text: string): string {
  if (ONLY_TOKEN.test(text)) return text;
  const parts = text
    .split(TOKEN)
    .flatMap((part, index) => (index % 2 === 1 ? [part] : part.split(TEMPLATE_BEGIN).map((piece) => Fn.rawString(piece))));
  return Token.asString(Fn.join("", parts));
}

function escape(text: string): string {
  return text.replace(/\$\{/g, "$$$${").replace(/%\{/g, "%%{");
}

/** A `$` or `%` right before a token's `${` would turn it into an escape. */
function escapeBeforeToken(text: string, tokenFollows: boolean): string {
  const escaped = escape(text);
  return tokenFollows ? escaped.replace(/[$%]$/, (sign) => `\${"${sign}"}`) : escaped;
}

/** The text that `literal` was given, from what stands in cdk.tf.json; tokens show as their expressions. */
export function unescape(text: string): string {
  return text.replace(/\$\{"([$%])"\}/g, "$1").replace(/\$\$\{/g, "${").replace(/%%\{/g, "%{");
}
