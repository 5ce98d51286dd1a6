import { PathStrictnessLevel } from "../haproxy/model";

/**
 * Which ambiguous paths are refused (400), because IIS might read them in another way than
 * HAProxy does. This is checked before all other rules, on the decoded path. Both levels refuse
 * a path that does not begin with `/` or cannot be decoded, a backslash, `//`, a dot segment,
 * control characters, bytes that are not UTF-8, and characters that Windows might turn into a
 * dot or a slash.
 */
export enum PathStrictness {
  /** Also refuse any `/.`, any `;`, and any `%` that is left after decoding. */
  STRICT = "strict",
  /**
   * Accept characters that names of users and folders can contain: `;`, names that begin with one dot, and
   * `%`, unless two hexadecimal digits or a `u` follow. Use it if the strict level refuses a published calendar, for
   * example; docs/exchange.md lists Exchange's own paths that the strict level refuses.
   */
  LENIENT = "lenient",
}

/** Each choice as the model of haproxy.cfg has it. */
export const PATH_STRICTNESS_MODEL: Readonly<Record<PathStrictness, PathStrictnessLevel>> = {
  [PathStrictness.STRICT]: "strict",
  [PathStrictness.LENIENT]: "lenient",
};
