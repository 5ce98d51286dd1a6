import { SECRET_KEY, TRIGGER } from "../delivery/keys";
import { textOfLines, unescape } from "../delivery/terraform-text";

/** A file that a deploy would write to a host. */
export interface HostFile {
  readonly path: string;
  /** The file's permissions, such as `0644`. */
  readonly mode: string;
  /** The file's text. Values that Terraform fills in are shown as expressions. Empty for a secret. */
  readonly content: string;
  /** Whether the file is a secret. The text of a secret is not in the synthesized stack. */
  readonly secret: boolean;
}

/** The files that a deploy would write to one host. */
export interface HostFiles {
  /** The host's address, or an expression if Terraform fills in the address. */
  readonly host: string;
  /**
   * The names of the resources that deliver to this host. There are several names if several constructs have the same
   * host.
   */
  readonly resources: string[];
  /** All lines of the manifest (parts, packages, ports, services and others), except the lines about files. */
  readonly manifest: string[];
  /** The files, in the order of their delivery. */
  readonly files: HostFile[];
}

/** A delivery resource in cdk.tf.json. */
export interface Delivery {
  readonly resource: string;
  /** The name of the Terraform local that contains the files and the manifest. */
  readonly bundle: string;
  /** The resource's own triggers, and the contents of the bundle. */
  readonly triggers: Triggers;
}

interface Triggers {
  readonly [key: string]: string;
}

interface Synthesized {
  readonly locals?: { readonly [id: string]: Triggers | undefined };
  readonly resource?: { readonly null_resource?: { readonly [name: string]: { readonly triggers?: Triggers } } };
}

/**
 * Returns the files that a deploy would write to each host. `synthesized` is the result of cdktf's
 * `Testing.synth(stack)` or the text of a cdk.tf.json.
 *
 * @throws if `synthesized` is not the text of a synthesized stack
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

/** Returns the delivery resources of a synthesized stack. */
export function deliveries(stack: object): Delivery[] {
  const { locals, resource: types } = stack as Synthesized;
  return Object.entries(types?.null_resource ?? {}).flatMap(([resource, { triggers }]) => {
    const [, bundle = ""] = /^\$\{sha256\(jsonencode\(local[.](\w+)\)\)\}$/.exec(triggers?.[TRIGGER.hash] ?? "") ?? [];
    const bundled = locals?.[bundle];
    return bundled === undefined ? [] : [{ resource, bundle, triggers: { ...bundled, ...triggers } }];
  });
}

const FILE_LINE = /^(file|secret) (\S+) \S+ (.+)$/;

function file(line: string, { triggers }: Delivery): HostFile[] {
  const [, kind, mode, path] = FILE_LINE.exec(line) ?? [];
  if (mode === undefined || path === undefined) return [];
  return kind === "secret"
    ? [{ path, mode, content: "", secret: SECRET_KEY + path in triggers }]
    : [{ path, mode, content: textOfLines(triggers[path] ?? "[]"), secret: false }];
}
