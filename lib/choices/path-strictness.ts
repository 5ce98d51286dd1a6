import { PathStrictnessLevel } from "../haproxy/model";

/**
 * Which ambiguous paths are refused (400). IIS and HAProxy might read such a path differently. HAProxy checks the
 * decoded path before all other rules. Both levels refuse a path that does not begin with `/`, or that cannot be
 * decoded. Both levels also refuse a path with a backslash, `//`, a dot segment, control characters, bytes that are not
 * UTF-8, or characters that Windows might turn into a dot or a slash.
 */
export enum PathStrictness {
  /** Also refuse each `/.`, each `;`, and each `%` that remains after decoding. */
  STRICT = "strict",
  /**
   * Accept characters that names of users and folders can contain: `;`, names that begin with one dot, and a `%` in the
   * decoded path that is not followed by two hexadecimal digits or a `u`. Use this level if the strict level refuses
   * paths that your users need, for example a published calendar. docs/exchange.md lists Exchange's own paths that the
   * strict level refuses.
   */
  LENIENT = "lenient",
}

/** Each choice in the model of haproxy.cfg. */
export const PATH_STRICTNESS_MODEL: Readonly<Record<PathStrictness, PathStrictnessLevel>> = {
  [PathStrictness.STRICT]: "strict",
  [PathStrictness.LENIENT]: "lenient",
};
