import { closeSync, existsSync, openSync, writeFileSync } from "node:fs";
import { failure } from "../validation/errors";

/**
 * Writes new files. If one of the files already exists, none is written.
 *
 * @throws if one of the files exists
 */
export function writeNew(files: readonly { readonly path: string; readonly content: string | Buffer; readonly secret?: boolean }[]): void {
  for (const { path } of files) mustNotExist(path);
  for (const { path, content, secret } of files) {
    // The flag "wx" makes open fail if another program has created the file in the meantime. The file is opened with
    // its final mode, so that other users can never read a secret.
    const file = openSync(path, "wx", secret === true ? 0o600 : 0o644);
    writeFileSync(file, content);
    closeSync(file);
  }
}

/** @throws if the path exists */
export function mustNotExist(path: string): void {
  if (existsSync(path)) throw failure(`${path} already exists, and is not overwritten. Move this file away, or choose another name`);
}
