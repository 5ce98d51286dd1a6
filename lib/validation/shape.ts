import { Token } from "cdktf";
import { LATER_LIST, invalid, kindOf, wrong } from "./errors";

/**
 * The allowed values for each key of a struct. The compiler checks that a shape has every key of its struct. The values
 * of a struct are checked at run time, because callers in plain JavaScript and in other languages have no compiler.
 */
export type Shape<T> = { readonly [K in keyof Required<T>]: Kind };

/** The shape of any struct. */
export type AnyShape = Readonly<Record<string, Kind>>;

/** The allowed values for one key. */
export interface Kind {
  readonly expected: string;
  readonly fits: (value: unknown) => boolean;
  /** Checks the contents of a value after `fits` has accepted it. */
  readonly inside?: (where: string, prop: string, value: unknown) => void;
  readonly required?: boolean;
  /** For the error message: the description of a token that does not fit. The default is `a token`. */
  readonly later?: string;
  /** True if no message may show a wrong value, because the value might be a secret. */
  readonly hidden?: boolean;
}

/** Any value except null. Other code checks the value. */
export const BY_RULE: Kind = { expected: "a value, or left out", fits: (value) => value !== null };
/** A required list. Other code checks the entries, and decides whether a token is allowed instead of a list. */
export const LIST: Kind = { expected: "a list", fits: (value) => value !== undefined && value !== null };
/** Text. It may be a token. */
export const TEXT: Kind = { expected: "text", fits: (value) => typeof value === "string" };
/** A number. It must not be a token, because it determines the structure of a config. */
export const NUMBER: Kind = { expected: "a number, known at synthesis", fits: (value) => typeof value === "number" && !Token.isUnresolved(value) };
export const FLAG: Kind = { expected: "true or false, known at synthesis", fits: (value) => typeof value === "boolean" };
/** Text that no message may show. */
export const SECRET: Kind = { ...TEXT, hidden: true };

/** Texts by name: `{ name: text }`. */
export const TEXTS_BY_NAME: Kind = {
  expected: "an object that maps names to texts",
  fits: isStruct,
  inside: (where, prop, value) => {
    for (const [name, text] of Object.entries(value as object)) {
      if (typeof text !== "string") throw invalid(where, `${prop}[${JSON.stringify(name)}]`, "text", text);
    }
  },
};

/** Numbers by name: `{ name: 8025 }`. Other code checks the numbers. */
export const NUMBERS_BY_NAME: Kind = {
  expected: "an object that maps names to numbers",
  fits: isStruct,
  inside: (where, prop, value) => {
    for (const [name, number] of Object.entries(value as object)) {
      if (!NUMBER.fits(number)) throw invalid(where, `${prop}[${JSON.stringify(name)}]`, NUMBER.expected, number);
    }
  },
};

/** A list of texts, known at synthesis; its entries may be tokens. */
export const TEXTS: Kind = listOf(TEXT);

/** A value of a TypeScript enum. */
export function choice(choices: object): Kind {
  const values = Object.values(choices) as unknown[];
  return { expected: `one of ${values.join(", ")}`, fits: (value) => values.includes(value) };
}

/** An instance of a class. `expected` contains an example of how to create one. */
export function instanceOf(expected: string, type: { readonly prototype: object }): Kind {
  // The code uses isPrototypeOf(), because for instanceof the compiler refuses classes with a private constructor.
  return { expected, fits: (value) => typeof value === "object" && value !== null && Object.prototype.isPrototypeOf.call(type.prototype, value) };
}

/**
 * An instance of a class that the calling module must not import. So the instance is recognized by `member`: the name
 * of a property that no other class has.
 */
export function having(expected: string, member: string): Kind {
  return { expected, fits: (value) => typeof value === "object" && value !== null && member in value };
}

export function struct(shape: AnyShape): Kind {
  return {
    expected: `an object with ${Object.keys(shape).join(", ")}`,
    fits: isStruct,
    inside: (where, prop, value) => checkKeys(where, prop, value as object, shape),
  };
}

/** A list whose length is known at synthesis. */
export function listOf(kind: Kind): Kind {
  return {
    expected: "a list whose length is known at synthesis; its entries may be tokens",
    fits: (value) => Array.isArray(value) && !Token.isUnresolved(value),
    later: LATER_LIST,
    // Array.from() fills the holes of a list, because forEach() would skip holes.
    inside: (where, prop, value) => Array.from(value as unknown[]).forEach((entry, index) => checkKind(where, `${prop}[${index}]`, entry, required(kind))),
  };
}

export function required(kind: Kind): Kind {
  return { ...kind, required: true };
}

/**
 * Checks a struct that a user gave: it must be an object, its keys must be known, and each key must have an allowed
 * value. `name` is the struct's name in messages, such as `props` or `options`. `others` lists further accepted keys,
 * for users who spread a larger object into the struct, which the compiler allows.
 */
export function checkStruct(where: string, name: string, value: unknown, shape: AnyShape, others: readonly string[] = []): void {
  if (!isStruct(value)) throw wrong(where, name, `an object with ${Object.keys(shape).join(", ")}`, kindOf(value));
  checkKeys(where, "", value, shape, name, others);
}

function checkKeys(where: string, prop: string, value: object, shape: AnyShape, name = prop, others: readonly string[] = []): void {
  const unknown = Object.keys(value).find((key) => !Object.hasOwn(shape, key) && !others.includes(key));
  if (unknown !== undefined) {
    const known = [...Object.keys(shape), ...others];
    throw wrong(where, name, "an object of known keys", `the unknown key ${JSON.stringify(unknown)}: ${meant(unknown, known)}`);
  }
  for (const [key, kind] of Object.entries(shape)) {
    checkKind(where, prop === "" ? key : `${prop}.${key}`, (value as { readonly [key: string]: unknown })[key], kind);
  }
}

function checkKind(where: string, prop: string, value: unknown, kind: Kind): void {
  if (value === undefined && kind.required !== true) return;
  if (!kind.fits(value) && kind.later !== undefined && Token.isUnresolved(value)) throw wrong(where, prop, kind.expected, kind.later);
  if (!kind.fits(value)) throw kind.hidden === true ? wrong(where, prop, kind.expected, kindOf(value)) : invalid(where, prop, kind.expected, value);
  kind.inside?.(where, prop, value);
}

/**
 * Whether a value is an object with keys. An instance of a user's class counts as such an object. Lists, Maps, texts,
 * tokens, Promises and Dates do not count.
 */
function isStruct(value: unknown): value is object {
  return typeof value === "object" && value !== null && !(Symbol.iterator in value) && !Token.isUnresolved(value) && Object.prototype.toString.call(value) === "[object Object]";
}

/**
 * A hint about an unknown key: the known key that the user probably meant. Case and separators are ignored, so
 * `verify_name` is the same as `verifyName`. If no known key is similar, the hint lists all known keys.
 */
function meant(key: string, known: readonly string[]): string {
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  const own = plain(key);
  const distances = known.map((other) => {
    const theirs = plain(other);
    const part = own.length > 3 && theirs.includes(own);
    return { other, distance: part ? 1 : editDistance(own, theirs), near: Math.max(own.length, theirs.length) / 2 };
  });
  const best = distances.reduce((a, b) => (b.distance < a.distance ? b : a), { other: "", distance: Infinity, near: 0 });
  return best.distance <= best.near ? `did you mean ${best.other}?` : `its keys are ${known.join(", ")}`;
}

/** The Levenshtein distance: how many letters must be added, removed or changed to turn `from` into `to`. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (const [at, other] of [...to].entries()) {
      next.push(Math.min((row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1, (row[at] ?? 0) + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
