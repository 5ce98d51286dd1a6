import { Token } from "cdktf";

/** The one form of an error about a value: which prop, what is right, what came, which construct. */
export function invalid(where: string, prop: string, expected: string, value: unknown): Error {
  return wrong(where, prop, expected, shown(value));
}

/** The same about what is no single value, or must not be shown: `got` says in words what came. */
export function wrong(where: string, prop: string, expected: string, got: string): Error {
  return located(where, `${inCallersWords(`${prop} must be ${expected}`)}, got ${got}`);
}

/** What fits no "must be, got": a whole sentence about a prop, and the construct. */
export function refused(where: string, sentence: string): Error {
  return located(where, inCallersWords(sentence));
}

/** What happens outside of any construct: a command line, a factory that has only its own name. */
export function failure(sentence: string): Error {
  return new Error(inCallersWords(sentence));
}

function located(where: string, sentence: string): Error {
  return new Error(`${sentence} [${where}]`);
}

/**
 * The names of props and methods as the caller's language spells them. jsii's runtime says which that is; Python's names are
 * in snake_case. What is quoted is somebody's value. Text of cdk.tf.json is left alone: it is the same for all languages.
 */
export function inCallersWords(sentence: string): string {
  if (process.env["JSII_AGENT"]?.startsWith("Python") !== true) return sentence;
  return sentence
    .split(/("(?:[^"\\]|\\.)*")/)
    .map((text, index) => (index % 2 === 1 ? text : text.replace(/(?<![/\w])[a-z][a-z0-9]*(?:[A-Z][a-z0-9]*)+\b(?![/])/g, (word) => word.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))))
    .join("");
}

/** A value in a message. Never the content of an object, nor a private key that landed in the wrong prop. */
export function shown(value: unknown): string {
  if (typeof value === "string") return shownText(value);
  if (value === null || value === undefined) return String(value);
  if (Token.isUnresolved(value)) return "a token";
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  return kindOf(value);
}

/** A value in a message that must not show it. */
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

/** Whether text has Terraform code that is no token of cdktf's: it stays that text. */
export function isHandWritten(text: string): boolean {
  return /[$%]\{(?!TfToken\[)/.test(text);
}

/** Whether text is what cdktf makes of one entry of a list that Terraform fills in, which it cannot write. */
export function isListEntry(text: string): boolean {
  return text.includes("#{TfToken[");
}

function shownText(text: string): string {
  if (text.includes("PRIVATE KEY")) return "text with a private key";
  if (isHandWritten(text)) return `${JSON.stringify(text.slice(0, 200))}, Terraform code written by hand, which stays text (use what the construct gives, such as stringValue or getStringAttribute(), and propertyAccess() or Fn for a part of it)`;
  return text.length > 200 ? `${JSON.stringify(text.slice(0, 200))}…` : JSON.stringify(text);
}

function classOf(value: object): string | undefined {
  const prototype = Object.getPrototypeOf(value) as { readonly constructor?: { readonly name?: string } } | null;
  const name = prototype?.constructor?.name;
  return name === "Object" ? undefined : name;
}

/** What came where one entry of a list that Terraform fills in was taken, or spread, as if it were JavaScript's. */
export const LIST_ENTRY = "an entry of a list that Terraform fills in (use Fn.element(list, 0) for one entry, and Token.asList(Fn.concat([list, [\"…\"]])) for the list beside others)";

/** What came where one entry of such a list is wanted. */
export const LIST_NO_ENTRY = "a list that Terraform fills in (use Fn.element(list, 0) for one entry)";

/** What came where a list has to be JavaScript's, and is Terraform's or an iterator's. */
export const LATER_LIST = "a list that Terraform fills in (write its entries, each as Fn.element(list, 0), Fn.element(list, 1), …; an iterator's are known to Terraform alone)";

/** A length of time in its largest whole unit, such as `90 s` or `2 h`. */
export function duration(millis: number): string {
  const [unit, factor] = ([["h", 3_600_000], ["min", 60_000], ["s", 1000]] as const).find(([, size]) => millis % size === 0) ?? (["ms", 1] as const);
  return `${millis / factor} ${unit}`;
}
