import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { SCRIPT_LOCALS } from "../delivery/keys";

/** The folder of the programs for hosts. The relative path is the same from lib/testing and from dist/testing. */
const SHELL = join(__dirname, "..", "..", "lib", "host");

/** The prefix of the Terraform locals that contain a text of this library. */
const LOCAL = "cdktf_exchange_balancer_";

/**
 * The file name of a text that the library ships, with the beginning of its SHA-256, such as `haproxy-check.sh
 * 3f2a91c0`. Snapshots show this name instead of the text, so a new release of the library changes only one line for each
 * changed text. Undefined for any other text.
 */
export function shippedName(text: string): string | undefined {
  shipped ??= new Map(programs().map((file) => [readFileSync(file, "utf8"), basename(file)]));
  const name = shipped.get(text);
  return name === undefined ? undefined : named(name, text);
}

let shipped: Map<string, string> | undefined;

/** Like `shippedName()`, but for the text of a Terraform local. This text may be several of the library's files, joined. */
export function shippedLocal(id: string, text: string): string | undefined {
  if (!id.startsWith(LOCAL)) return undefined;
  // Compressed text is named by the hash of the original, because the compressed bytes can differ between machines.
  if (id === SCRIPT_LOCALS.apply) return named(fileOf(id), gunzipSync(Buffer.from(text, "base64")).toString());
  return shippedName(text) ?? named(fileOf(id), text);
}

/** The file name for a text that consists only of a reference to one of this library's Terraform locals. */
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
