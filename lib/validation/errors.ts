import { Token } from "cdktf";

/** The usual error about a value. The message states the prop, the expected value, the given value and the construct. */
export function invalid(where: string, prop: string, expected: string, value: unknown): Error {
  return wrong(where, prop, expected, shown(value));
}

/**
 * Like `invalid()`, but for a value that the message cannot show as it is, such as a list, or must not show. `got`
 * describes the value.
 */
export function wrong(where: string, prop: string, expected: string, got: string): Error {
  return located(where, `${inCallersWords(`${prop} must be ${expected}`)}, got ${got}`);
}

/** An error whose message does not have the form "must be …, got …". `sentence` is a whole sentence about a prop. */
export function refused(where: string, sentence: string): Error {
  return located(where, inCallersWords(sentence));
}

/** An error that belongs to no construct, such as in a command line or in a factory. */
export function failure(sentence: string): Error {
  return new Error(inCallersWords(sentence));
}

function located(where: string, sentence: string): Error {
  return new Error(`${sentence} [${where}]`);
}

/**
 * Spells the names of props and methods as in the caller's language. jsii's runtime writes this language into
 * JSII_AGENT. Python uses snake_case. Quoted text is not changed, because it is a value. Text in cdk.tf.json is not
 * changed either, because it is the same for all languages.
 */
export function inCallersWords(sentence: string): string {
  if (process.env["JSII_AGENT"]?.startsWith("Python") !== true) return sentence;
  return sentence
    .split(/("(?:[^"\\]|\\.)*")/)
    .map((text, index) => (index % 2 === 1 ? text : text.replace(/(?<![/\w])[a-z][a-z0-9]*(?:[A-Z][a-z0-9]*)+\b(?![/])/g, (word) => word.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))))
    .join("");
}

/**
 * The text that shows a value in a message. It never shows the content of objects, or a private key that somebody put
 * into the wrong prop.
 */
export function shown(value: unknown): string {
  if (typeof value === "string") return shownText(value);
  if (value === null || value === undefined) return String(value);
  if (Token.isUnresolved(value)) return "a token";
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  return kindOf(value);
}

/** The kind of a value, such as `a list`, for a message that must not show the value. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Token.isUnresolved(value)) return "a token";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "string") return "text";
  if (typeof value !== "object") return `a ${typeof value}`;
  const name = classOf(value);
  if (name !== undefined) return `an instance of ${name}`;
  return Object.keys(value).length === 0 ? "an empty object" : "an object";
}

/** Whether text contains Terraform code that does not come from cdktf's tokens. cdktf would not evaluate such code. */
export function isHandWritten(text: string): boolean {
  return /[$%]\{(?!TfToken\[)/.test(text);
}

/**
 * Whether text is a single entry of a list token. cdktf can turn the whole list into a Terraform expression, but not a
 * single entry.
 */
export function isListEntry(text: string): boolean {
  return text.includes("#{TfToken[");
}

function shownText(text: string): string {
  if (text.includes("PRIVATE KEY")) return "text with a private key";
  if (isHandWritten(text)) return `${JSON.stringify(text.slice(0, 200))}, Terraform code written by hand, which cdktf would not evaluate. Use the construct's property or method, such as stringValue or getStringAttribute(). For a part of a value, use propertyAccess() or Fn`;
  return text.length > 200 ? `${JSON.stringify(text.slice(0, 200))}…` : JSON.stringify(text);
}

function classOf(value: object): string | undefined {
  const prototype = Object.getPrototypeOf(value) as { readonly constructor?: { readonly name?: string } } | null;
  const name = prototype?.constructor?.name;
  return name === "Object" ? undefined : name;
}

/** For messages about an entry of a list that Terraform fills in, such as `list[0]` or `...list`. */
export const LIST_ENTRY = "an entry of a list that Terraform fills in (use Fn.element(list, 0) for one entry, and Token.asList(Fn.concat([list, [\"…\"]])) to join the list with other entries)";

/** For messages about a prop that expects one entry, but was given a whole list that Terraform fills in. */
export const LIST_NO_ENTRY = "a list that Terraform fills in (use Fn.element(list, 0) for one entry)";

/** For messages about a list that must be known at synthesis, but comes from Terraform or an iterator. */
export const LATER_LIST = "a list that Terraform fills in (write each entry as Fn.element(list, 0), Fn.element(list, 1), …; also if the list comes from an iterator, because only Terraform knows its entries)";

/** A length of time in its largest whole unit, such as `90 s` or `2 h`. */
export function duration(millis: number): string {
  const [unit, factor] = ([["h", 3_600_000], ["min", 60_000], ["s", 1000]] as const).find(([, size]) => millis % size === 0) ?? (["ms", 1] as const);
  return `${millis / factor} ${unit}`;
}
