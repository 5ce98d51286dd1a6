import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { SCRIPT_LOCALS } from "../delivery/keys";

/** The programs that the package ships for hosts, seen from lib/testing and from dist/testing alike. */
const SHELL = join(__dirname, "..", "..", "lib", "host");

/** Begins the names of the Terraform locals that hold a text of the library's own. */
const LOCAL = "cdktf_exchange_balancer_";

/**
 * Names text that the library ships and no user wrote, by its file and the beginning of its
 * SHA-256, such as `haproxy-check.sh 3f2a91c0`: a release of the library that changes it is
 * one line in a snapshot. Undefined for any other text.
 */
export function shippedName(text: string): string | undefined {
  shipped ??= new Map(programs().map((file) => [readFileSync(file, "utf8"), basename(file)]));
  const name = shipped.get(text);
  return name === undefined ? undefined : named(name, text);
}

let shipped: Map<string, string> | undefined;

/** The same for the text of a Terraform local, which the library may have joined of several files. */
export function shippedLocal(id: string, text: string): string | undefined {
  if (!id.startsWith(LOCAL)) return undefined;
  // What is compressed is named by what it holds: not every machine compresses to the same bytes.
  if (id === SCRIPT_LOCALS.apply) return named(fileOf(id), gunzipSync(Buffer.from(text, "base64")).toString());
  return shippedName(text) ?? named(fileOf(id), text);
}

/** The file's name, where a text is no more than a local that holds one. */
export function shippedReference(text: string): string | undefined {
  const [, id] = /^\$\{local\.([a-z_]+)\}$/.exec(text) ?? [];
  return id?.startsWith(LOCAL) === true ? fileOf(id) : undefined;
}

const named = (name: string, text: string): string => `${name} ${createHash("sha256").update(text).digest("hex").slice(0, 8)}`;

const fileOf = (id: string): string => `${id.slice(LOCAL.length).replace(/_/g, "-")}.sh`;

function programs(): string[] {
  return readdirSync(SHELL, { recursive: true, encoding: "utf8" })
    .filter((file) => /[.](sh|awk|lua)$/.test(file))
    .map((file) => join(SHELL, file));
}
