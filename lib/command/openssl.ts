import { spawnSync } from "node:child_process";
import { failure } from "../validation/errors";

/**
 * Runs openssl. This library uses openssl only for PFX files (PKCS#12), because neither Node nor the x509 library can
 * read or write PFX files. Keys and passwords are passed in files, because other users of the machine can see a
 * program's arguments.
 *
 * @throws if openssl is missing or fails; the message contains openssl's output
 */
export function openssl(args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync("openssl", args, {
    encoding: "utf8",
    // Without a password file, openssl itself asks for the password on the terminal.
    stdio: ["inherit", "pipe", "pipe"],
  });
  if (error !== undefined) throw failure(`PFX files need the program openssl, but it could not be started: ${error.message}`);
  if (status !== 0) throw failure(`openssl ${args[0] ?? ""} failed: ${stderr.trim().split("\n").slice(0, 3).join("; ")}`);
  return stdout;
}
