import { closeSync, existsSync, openSync, writeFileSync } from "node:fs";
import { failure } from "../validation/errors";

/**
 * Writes files that are not there yet: all of them, or none where one is.
 *
 * @throws if one of them exists
 */
export function writeNew(files: readonly { readonly path: string; readonly content: string | Buffer; readonly secret?: boolean }[]): void {
  for (const { path } of files) mustNotExist(path);
  for (const { path, content, secret } of files) {
    // "wx" refuses what came to be meanwhile; a secret is never readable for others, not even at first.
    const file = openSync(path, "wx", secret === true ? 0o600 : 0o644);
    writeFileSync(file, content);
    closeSync(file);
  }
}

/** @throws if there is something at the path */
export function mustNotExist(path: string): void {
  if (existsSync(path)) throw failure(`${path} already exists and is not overwritten: move it away, or choose another name`);
}
