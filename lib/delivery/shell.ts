import { failure } from "../validation/errors";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { escaped } from "./terraform-text";

/**
 * The files of shell/ that Terraform runs on a host, in the order in which a script is put together from them.
 * Each place `@NAME@` is filled with the value of a Terraform expression; nothing else in them changes, so
 * shellcheck reads what runs.
 */
export type ShellFile = "prologue" | "inbox" | "secrets-key" | "delivery" | "secrets" | "leave" | "first-boot";

/** A script for Terraform's `remote-exec`, as Terraform must read it. `values` has the code for each place. */
export function shellScript(files: readonly ShellFile[], values: { readonly [place: string]: string | readonly string[] }): string {
  // Most hosts of a stack get the same one: they share its text.
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

/** A file's text, escaped for Terraform, and the names of its places in turns; text comes first and last. */
function pieces(file: ShellFile): readonly string[] {
  const known = read.get(file);
  if (known !== undefined) return known;
  // Seen from lib/delivery and from dist/delivery alike.
  const text = readFileSync(join(__dirname, "..", "..", "lib", "delivery", "shell", `${file}.sh`), "utf8");
  const split = withoutComments(text).split(PLACE).map((piece, index) => (index % 2 === 0 ? escaped(piece) : piece));
  // The next file's first text follows this one's last, so that places stay at odd indices.
  const whole = [...split, ""];
  read.set(file, whole);
  return whole;
}

const read = new Map<ShellFile, readonly string[]>();

/** Comments are for whoever reads the file; the hosts do not need them. */
function withoutComments(text: string): string {
  return text.replace(/^#.*\n/gm, "");
}

function filled(place: string, code: string | readonly string[] | undefined): string {
  if (place === "") return "";
  if (code === undefined) throw failure(`nothing was given for @${place}@`);
  return (typeof code === "string" ? [code] : code).map((line) => `\${${line}}`).join("\n");
}
