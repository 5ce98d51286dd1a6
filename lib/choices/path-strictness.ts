import { PathStrictnessLevel } from "../haproxy/model";

/**
 * Which paths are refused (400) because IIS might read them otherwise than
 * HAProxy does, before anything else is asked of them. What is refused at either
 * level holds after decoding: a path that does not begin with `/` or does not
 * decode, a backslash, `//`, a dot segment.
 */
export enum PathStrictness {
  /** Also any `/.`, `;`, a `%` that decoding leaves over, and overlong UTF-8. */
  STRICT = "strict",
  /**
   * Lets pass what users' own names may hold: `;`, names that begin with a dot, and
   * a `%`, unless what follows would decode to a dot, slash or backslash (`%2`,
   * `%5`, `%u`). For sites where strictness refuses a published calendar, say;
   * docs/exchange.md has what of Exchange's own it refuses.
   */
  LENIENT = "lenient",
}

/** Each choice as the model of haproxy.cfg has it. */
export const PATH_STRICTNESS_MODEL: Readonly<Record<PathStrictness, PathStrictnessLevel>> = {
  [PathStrictness.STRICT]: "strict",
  [PathStrictness.LENIENT]: "lenient",
};
