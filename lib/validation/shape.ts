import { Token } from "cdktf";
import { LATER_LIST, invalid, kindOf, wrong } from "./errors";

/**
 * What a struct's keys may hold, one line a key. The compiler makes sure that a table has every key of its struct;
 * plain JavaScript and other languages have no compiler, so the table is asked when the struct arrives.
 */
export type Shape<T> = { readonly [K in keyof Required<T>]: Kind };

/** A table of any struct. */
export type AnyShape = Readonly<Record<string, Kind>>;

/** What one key may hold. */
export interface Kind {
  readonly expected: string;
  readonly fits: (value: unknown) => boolean;
  /** Looks at what is in it, which has fitted. */
  readonly inside?: (where: string, prop: string, value: unknown) => void;
  readonly required?: boolean;
  /** What is said of a token that does not fit, where there is more to say. */
  readonly later?: string;
  /** True where a wrong value may be a secret, and is not shown. */
  readonly hidden?: boolean;
}

/** What the rule for its content checks, with words of its own. */
export const BY_RULE: Kind = { expected: "a value, or left out", fits: (value) => value !== null };
/** A list that has to be there; what is in it, and whether it may be a token, has a rule of its own. */
export const LIST: Kind = { expected: "a list", fits: (value) => value !== undefined && value !== null };
/** Text, which may be a token. */
export const TEXT: Kind = { expected: "text", fits: (value) => typeof value === "string" };
/** A number, which may not be a token: it decides the structure of a config. */
export const NUMBER: Kind = { expected: "a number, known at synthesis", fits: (value) => typeof value === "number" && !Token.isUnresolved(value) };
export const FLAG: Kind = { expected: "true or false, known at synthesis", fits: (value) => typeof value === "boolean" };
/** Text that no message may show. */
export const SECRET: Kind = { ...TEXT, hidden: true };

/** Names and texts: `{ name: text }`. */
export const TEXTS_BY_NAME: Kind = {
  expected: "an object of texts by name",
  fits: isStruct,
  inside: (where, prop, value) => {
    for (const [name, text] of Object.entries(value as object)) {
      if (typeof text !== "string") throw invalid(where, `${prop}[${JSON.stringify(name)}]`, "text", text);
    }
  },
};

/** Names and numbers: `{ name: 8025 }`. The numbers have a rule of their own. */
export const NUMBERS_BY_NAME: Kind = {
  expected: "an object of numbers by name",
  fits: isStruct,
  inside: (where, prop, value) => {
    for (const [name, number] of Object.entries(value as object)) {
      if (!NUMBER.fits(number)) throw invalid(where, `${prop}[${JSON.stringify(name)}]`, NUMBER.expected, number);
    }
  },
};

/** A list of texts, known at synthesis; its entries may be tokens. */
export const TEXTS: Kind = listOf(TEXT);

/** A member of a TypeScript enum, by its value. */
export function choice(choices: object): Kind {
  const values = Object.values(choices) as unknown[];
  return { expected: `one of ${values.join(", ")}`, fits: (value) => values.includes(value) };
}

/** An instance of a class, with an example of how to come by one. */
export function instanceOf(expected: string, type: { readonly prototype: object }): Kind {
  // Not instanceof: the compiler lets no class with a private constructor be handed on as one.
  return { expected, fits: (value) => typeof value === "object" && value !== null && Object.prototype.isPrototypeOf.call(type.prototype, value) };
}

/** An instance of a class that must not be loaded here, by a member that no other class has. */
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
    // By index: forEach passes over holes.
    inside: (where, prop, value) => Array.from(value as unknown[]).forEach((entry, index) => checkKind(where, `${prop}[${index}]`, entry, required(kind))),
  };
}

export function required(kind: Kind): Kind {
  return { ...kind, required: true };
}

/**
 * Checks a struct as it arrives: that it is one, that it has no key that its interface does not have, and that each
 * key holds what it may. `name` is what the whole is called, such as `props` or `options`. `others` are keys that another
 * struct has which is handed on whole: a spread of it is fair, and the compiler allows it.
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

/** Something with keys: no list, Map, text or token, no Promise that was not awaited, no Date. A class of the user's own may be behind it. */
function isStruct(value: unknown): value is object {
  return typeof value === "object" && value !== null && !(Symbol.iterator in value) && !Token.isUnresolved(value) && Object.prototype.toString.call(value) === "[object Object]";
}

/** What may have been meant: the known key that is near, without regard to case and to how words are joined (`verify_name`), else all. */
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

/** Levenshtein's: how many letters have to be added, dropped or changed. */
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
