import { failure } from "../validation/errors";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { escaped } from "./terraform-text";

/**
 * The name of a file in lib/delivery/shell, without `.sh`. A script for `remote-exec` consists of several of these
 * files, one after the other. Each placeholder `@NAME@` is replaced by the value of a Terraform expression. All other
 * text of the files is used unchanged, so shellcheck checks the same code that runs on the host.
 */
export type ShellFile = "prologue" | "inbox" | "secrets-key" | "delivery" | "secrets" | "leave" | "first-boot";

/**
 * Joins files to a script for Terraform's `remote-exec`, escaped for Terraform. `values` contains the Terraform code
 * for each placeholder.
 */
export function shellScript(files: readonly ShellFile[], values: { readonly [place: string]: string | readonly string[] }): string {
  // Most hosts of a stack have the same script, so its text is made only once.
  const key = [files, ...Object.values(values)].join("\n");
  const known = made.get(key);
  if (known !== undefined) return known;
  const script = files
    .flatMap(pieces)
    .map((piece, index) => (index % 2 === 0 ? piece : filled(piece, values[piece])))
    .join("");
  made.set(key, script);
  return script;
}

const made = new Map<string, string>();

const PLACE = /@([A-Z_]+)@/;

/**
 * The text of a file, split at its placeholders. Entries with even indices are text, escaped for Terraform. Entries
 * with odd indices are the names of placeholders.
 */
function pieces(file: ShellFile): readonly string[] {
  const known = read.get(file);
  if (known !== undefined) return known;
  // This relative path works both in lib/delivery and in dist/delivery.
  const text = readFileSync(join(__dirname, "..", "..", "lib", "delivery", "shell", `${file}.sh`), "utf8");
  const split = withoutComments(text).split(PLACE).map((piece, index) => (index % 2 === 0 ? escaped(piece) : piece));
  // The added empty entry makes the number of entries even, so that the next file's placeholders also have odd indices.
  const whole = [...split, ""];
  read.set(file, whole);
  return whole;
}

const read = new Map<ShellFile, readonly string[]>();

/** Removes comment lines, because the hosts do not need them. */
function withoutComments(text: string): string {
  return text.replace(/^#.*\n/gm, "");
}

function filled(place: string, code: string | readonly string[] | undefined): string {
  if (place === "") return "";
  if (code === undefined) throw failure(`nothing was given for @${place}@`);
  return (typeof code === "string" ? [code] : code).map((line) => `\${${line}}`).join("\n");
}
