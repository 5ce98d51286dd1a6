import { Token } from "cdktf";

function shown(value: unknown): string {
  if (typeof value !== "string") return Token.isUnresolved(value) ? "a token" : String(value);
  return value.length > 200 ? `${JSON.stringify(value.slice(0, 200))}…` : JSON.stringify(value);
}

/** The one form of an error about a value: which prop, what is right, what came, which construct. */
export function invalid(where: string, prop: string, expected: string, value: unknown): Error {
  return wrong(where, prop, expected, shown(value));
}

/** The same about what is no single value: `got` says in words what came. */
export function wrong(where: string, prop: string, expected: string, got: string): Error {
  return new Error(`${prop} must be ${expected}, got ${got} [${where}]`);
}

/** Checks a choice from another language or plain JavaScript, where the compiler did not. */
export function oneOf(where: string, prop: string, value: string | undefined, choices: object): void {
  const names = Object.values(choices) as string[];
  if (value !== undefined && !names.includes(value)) throw invalid(where, prop, `one of ${names.join(", ")}`, value);
}
