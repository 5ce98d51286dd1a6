import { PathStrictnessLevel } from "../haproxy/model";

/**
 * Which paths are refused (400) because IIS might read them otherwise than
 * HAProxy does, before anything else is asked of them. What is refused at either
 * level holds after decoding: a path that does not begin with `/` or does not
 * decode, a backslash, `//`, a dot segment, control characters, bytes that are not UTF-8, and characters that Windows
 * might make a dot or a slash.
 */
export enum PathStrictness {
  /** Also any `/.`, `;`, and a `%` that decoding leaves over. */
  STRICT = "strict",
  /**
   * Lets pass what users' own names may hold: `;`, names that begin with one dot, and
   * a `%`, unless two hexadecimal digits or a `u` follow. For sites where strictness refuses a published calendar, say;
   * docs/exchange.md has what of Exchange's own it refuses.
   */
  LENIENT = "lenient",
}

/** Each choice as the model of haproxy.cfg has it. */
export const PATH_STRICTNESS_MODEL: Readonly<Record<PathStrictness, PathStrictnessLevel>> = {
  [PathStrictness.STRICT]: "strict",
  [PathStrictness.LENIENT]: "lenient",
};
