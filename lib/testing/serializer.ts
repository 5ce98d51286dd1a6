import { TRIGGER } from "../delivery/keys";
import { textOfLines, unescape } from "../delivery/terraform-text";
import { HostFiles, deliveries, hostFiles } from "./host-files";
import { shippedLocal, shippedName, shippedReference } from "./shipped";

/**
 * A jest snapshot serializer that shows the text of `Testing.synth(stack)` the
 * way a person reviews it: the Terraform part with one line of text a line, then
 * each host's files as they will stand there. What is repeated is shown once, and
 * a script that the library ships by its name and a hash.
 *
 * ```ts
 * expect.addSnapshotSerializer(hostFilesSerializer);
 * expect(Testing.synth(stack, true)).toMatchSnapshot();
 * ```
 */
export const hostFilesSerializer = {
  /** True for synthesized text with at least one balancer in it. */
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

/** What is shorter than this is quicker read again than looked up. */
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

/** An attribute that an earlier resource has to the letter is named, not repeated. */
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

/** A file's text stands below, with its host. */
function withoutFiles(bundle: unknown): unknown {
  if (typeof bundle !== "object" || bundle === null || !(TRIGGER.manifest in bundle)) return bundle;
  return mapped(bundle, (text, name) => (name.startsWith("/") ? "(below)" : name === TRIGGER.manifest ? textOfLines(String(text)) : text));
}

/** Text of several lines as a list of them. */
function lines(value: unknown): unknown {
  if (typeof value === "string") return value.includes("\n") ? value.split("\n") : value;
  if (Array.isArray(value)) return value.map(lines);
  return typeof value === "object" && value !== null ? mapped(value as Entries, lines) : value;
}

function mapped(entries: Entries, change: (value: unknown, name: string) => unknown): { [name: string]: unknown } {
  return Object.fromEntries(Object.entries(entries).map(([name, value]) => [name, change(value, name)]));
}

/** What an earlier host has to the letter is named, not repeated: a review should read it once. */
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
