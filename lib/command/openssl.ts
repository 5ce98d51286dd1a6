import { spawnSync } from "node:child_process";
import { failure } from "../validation/errors";

/**
 * Runs openssl, for PFX (PKCS#12) alone, which neither Node nor the library
 * reads or writes. Keys and passwords reach it in files, never as
 * arguments, which others on the machine can see.
 *
 * @throws if openssl is not there or fails, with its words
 */
export function openssl(args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync("openssl", args, {
    encoding: "utf8",
    // Where no password file is given, openssl asks for the password on the terminal itself.
    stdio: ["inherit", "pipe", "pipe"],
  });
  if (error !== undefined) throw failure(`PFX files need the program openssl, which could not be run: ${error.message}`);
  if (status !== 0) throw failure(`openssl ${args[0] ?? ""} failed: ${stderr.trim().split("\n").slice(0, 3).join("; ")}`);
  return stdout;
}
