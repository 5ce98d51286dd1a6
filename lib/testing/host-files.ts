import { SECRET_KEY, TRIGGER } from "../delivery/keys";
import { textOfLines, unescape } from "../delivery/terraform-text";

/** A file that a deploy writes to a host. */
export interface HostFile {
  readonly path: string;
  /** The file's permissions, such as `0644`. */
  readonly mode: string;
  /** The file's text, with an expression where Terraform fills in a value; empty for a secret. */
  readonly content: string;
  /** Whether the file is a secret, which is in no synthesized text. */
  readonly secret: boolean;
}

/** What a deploy writes to one host. */
export interface HostFiles {
  /** The host's address, or an expression if Terraform fills it in. */
  readonly host: string;
  /** The names of the resources that deliver to the host; more than one if two constructs have the same host. */
  readonly resources: string[];
  /** The manifest's lines other than files: parts, packages, ports, services. */
  readonly manifest: string[];
  /** The files, in the order in which the constructs deliver them. */
  readonly files: HostFile[];
}

/** A delivery as it stands in cdk.tf.json. */
export interface Delivery {
  readonly resource: string;
  readonly triggers: { readonly [key: string]: string };
}

interface SynthesizedResource {
  readonly triggers?: { readonly [key: string]: string };
}

/**
 * The files that would land on each host, from synthesized text: the result of
 * cdktf's `Testing.synth(stack)` or the content of a cdk.tf.json.
 *
 * @throws if `synthesized` is not such a text
 */
export function hostFiles(synthesized: string): HostFiles[] {
  const hosts = new Map<string, HostFiles>();
  for (const delivery of deliveries(JSON.parse(synthesized) as object)) {
    const host = unescape(delivery.triggers[TRIGGER.host] ?? "");
    const before = hosts.get(host) ?? { host, resources: [], manifest: [], files: [] };
    const manifest = textOfLines(delivery.triggers[TRIGGER.manifest] ?? "[]").trimEnd().split("\n");
    hosts.set(host, {
      host,
      resources: [...before.resources, delivery.resource],
      manifest: [...before.manifest, ...manifest.filter((line) => !FILE_LINE.test(line))],
      files: [...before.files, ...manifest.flatMap((line) => file(line, delivery))],
    });
  }
  return [...hosts.values()];
}

/** The deliveries in a synthesized stack. */
export function deliveries(stack: object): Delivery[] {
  const resources = (stack as { resource?: { null_resource?: { [name: string]: SynthesizedResource } } }).resource;
  return Object.entries(resources?.null_resource ?? {}).flatMap(([resource, { triggers }]) =>
    triggers?.[TRIGGER.manifest] === undefined ? [] : [{ resource, triggers }],
  );
}

const FILE_LINE = /^(file|secret) (\S+) \S+ (.+)$/;

function file(line: string, { triggers }: Delivery): HostFile[] {
  const [, kind, mode, path] = FILE_LINE.exec(line) ?? [];
  if (mode === undefined || path === undefined) return [];
  return kind === "secret"
    ? [{ path, mode, content: "", secret: SECRET_KEY + path in triggers }]
    : [{ path, mode, content: textOfLines(triggers[path] ?? "[]"), secret: false }];
}
