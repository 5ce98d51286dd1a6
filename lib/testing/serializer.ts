import { TRIGGER } from "../delivery/keys";
import { textOfLines, unescape } from "../delivery/terraform-text";
import { HostFiles, deliveries, hostFiles } from "./host-files";
import { shippedLocal, shippedName, shippedReference } from "./shipped";

/**
 * A jest snapshot serializer that makes the text of `Testing.synth(stack)` easy to review. First comes the Terraform
 * part, in which texts are split into lines. Then come the files of each host. Repeated text is shown once. Scripts of
 * this library are shown by name and hash.
 *
 * ```ts
 * expect.addSnapshotSerializer(hostFilesSerializer);
 * expect(Testing.synth(stack, true)).toMatchSnapshot();
 * ```
 */
export const hostFilesSerializer = {
  /** True for the text of a synthesized stack with at least one balancer. */
  test(value: unknown): boolean {
    if (typeof value !== "string" || !value.startsWith("{")) return false;
    try {
      return deliveries(JSON.parse(value) as object).length > 0;
    } catch {
      return false;
    }
  },

  /** The text of the snapshot. */
  serialize(value: string): string {
    return [terraform(value), ...hostFiles(value).map(host)].join("\n");
  },
};

const RULER = "=".repeat(80);

/** Texts with fewer characters are shown each time: reading a short text again is quicker than looking it up. */
const WORTH_NAMING = 160;

function terraform(synthesized: string): string {
  const shown = mapped(JSON.parse(synthesized) as Entries, (value, name) => {
    if (name === "locals") return mapped(value as Entries, (text, id) => local(id, text));
    return name === "resource" ? resources(value as { readonly [type: string]: Entries }) : lines(value);
  });
  return `${JSON.stringify(shown, null, 2)}\n`;
}

interface Entries {
  readonly [name: string]: unknown;
}

function local(id: string, value: unknown): unknown {
  const name = typeof value === "string" ? shippedLocal(id, unescape(value)) : undefined;
  return name === undefined ? lines(withoutFiles(value)) : `(${name})`;
}

/** The resources. A long value that an earlier resource already has is replaced by a note with that resource's name. */
function resources(types: { readonly [type: string]: Entries }): object {
  const seen = new Map<string, string>();
  const once = (value: unknown, resource: string): unknown => {
    const text = JSON.stringify(value);
    const earlier = seen.get(text);
    if (earlier !== undefined && earlier !== resource) return `(as in ${earlier})`;
    if (text.length >= WORTH_NAMING) seen.set(text, resource);
    if (Array.isArray(value)) return value.map((item: unknown) => once(item, resource));
    return typeof value === "object" && value !== null ? mapped(value as Entries, (item) => once(item, resource)) : lines(value);
  };
  return mapped(types, (ofType) =>
    mapped(ofType as Entries, (attributes, resource) =>
      mapped(attributes as Entries, (value) => once(value, resource)),
    ),
  );
}

/** Replaces the text of each file by a note, because the files' texts follow below the Terraform part, host by host. */
function withoutFiles(bundle: unknown): unknown {
  if (typeof bundle !== "object" || bundle === null || !(TRIGGER.manifest in bundle)) return bundle;
  return mapped(bundle, (text, name) => (name.startsWith("/") ? "(below)" : name === TRIGGER.manifest ? textOfLines(String(text)) : text));
}

/** Splits a text of several lines into a list of lines. */
function lines(value: unknown): unknown {
  if (typeof value === "string") return value.includes("\n") ? value.split("\n") : value;
  if (Array.isArray(value)) return value.map(lines);
  return typeof value === "object" && value !== null ? mapped(value as Entries, lines) : value;
}

function mapped(entries: Entries, change: (value: unknown, name: string) => unknown): { [name: string]: unknown } {
  return Object.fromEntries(Object.entries(entries).map(([name, value]) => [name, change(value, name)]));
}

/** The text for one host. If an earlier host has the same file, a note names that host instead of repeating the text. */
function host({ host: address, resources: names, manifest, files }: HostFiles, index: number, all: readonly HostFiles[]): string {
  const parts = files.map(({ path, mode, content, secret }) => {
    const head = `--- ${path} ${mode}`;
    if (secret) return `${head} (secret)\n`;
    const twin = all.slice(0, index).find((other) => other.files.some((file) => file.path === path && file.content === content));
    if (twin !== undefined) return `${head} (as on ${twin.host})\n`;
    const name = shippedReference(content) ?? shippedName(content);
    return name === undefined ? `${head}\n${content}${content.endsWith("\n") ? "" : "\n"}` : `${head} (${name})\n`;
  });
  return [`${RULER}\n${address}: ${names.join(", ")}\n${RULER}\n`, `${manifest.join("\n")}\n`, ...parts].join("\n");
}
