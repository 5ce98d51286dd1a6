import { failure } from "../validation/errors";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { escaped } from "./terraform-text";

/**
 * The files in shell/ from which a script for `remote-exec` is joined, in this order. Each placeholder `@NAME@` is
 * replaced by the value of a Terraform expression. Nothing else changes, so shellcheck checks the script that runs.
 */
export type ShellFile = "prologue" | "inbox" | "secrets-key" | "delivery" | "secrets" | "leave" | "first-boot";

/**
 * A script for Terraform's `remote-exec`, escaped for Terraform. `values` has the Terraform code for each placeholder.
 */
export function shellScript(files: readonly ShellFile[], values: { readonly [place: string]: string | readonly string[] }): string {
  // Most hosts of a stack have the same script, so they share its text.
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
 * The text of a file, split at its placeholders: text (escaped for Terraform) and placeholder names alternate. The
 * first and the last entry are text.
 */
function pieces(file: ShellFile): readonly string[] {
  const known = read.get(file);
  if (known !== undefined) return known;
  // The path is the same from lib/delivery and from dist/delivery.
  const text = readFileSync(join(__dirname, "..", "..", "lib", "delivery", "shell", `${file}.sh`), "utf8");
  const split = withoutComments(text).split(PLACE).map((piece, index) => (index % 2 === 0 ? escaped(piece) : piece));
  // An empty entry, so that placeholders of the next file also have odd indices.
  const whole = [...split, ""];
  read.set(file, whole);
  return whole;
}

const read = new Map<ShellFile, readonly string[]>();

/** Removes comments, because the hosts do not need them. */
function withoutComments(text: string): string {
  return text.replace(/^#.*\n/gm, "");
}

function filled(place: string, code: string | readonly string[] | undefined): string {
  if (place === "") return "";
  if (code === undefined) throw failure(`nothing was given for @${place}@`);
  return (typeof code === "string" ? [code] : code).map((line) => `\${${line}}`).join("\n");
}
