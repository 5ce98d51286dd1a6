import { PathStrictnessLevel } from "../haproxy/model";

/**
 * Which ambiguous paths HAProxy refuses (400). IIS and HAProxy might read such a path differently. HAProxy checks the
 * decoded path before all other rules. `STRICT` and `LENIENT` both refuse these paths:
 *
 * - a path that does not begin with `/`, or that HAProxy cannot decode
 * - a path that contains a backslash, `//`, a dot segment, control characters, bytes that are not UTF-8, or characters
 *   that Windows might turn into a dot or a slash
 */
export enum PathStrictness {
  /** Also refuse each `/.`, each `;`, and each `%` that remains after decoding. */
  STRICT = "strict",
  /**
   * Accept what names of users and folders can contain: a `;`, a single dot at the beginning of a name, and a `%` in
   * the decoded path (unless two hexadecimal digits or a `u` follow it). Use this level if the strict level refuses
   * paths that your users need, for example a published calendar. docs/exchange.md lists Exchange's own paths that the
   * strict level refuses.
   */
  LENIENT = "lenient",
}

/** The name of each level in HAProxy's model. */
export const PATH_STRICTNESS_MODEL: Readonly<Record<PathStrictness, PathStrictnessLevel>> = {
  [PathStrictness.STRICT]: "strict",
  [PathStrictness.LENIENT]: "lenient",
};
