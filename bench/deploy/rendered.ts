import { readFileSync } from "node:fs";
import { unescape } from "../../lib/delivery/terraform-text";
import { hostFiles } from "../../lib/testing";
import { type LabFacts, VRRP_PASSWORD } from "../../test/lab/facts";

/** A file as it must be on the host, byte for byte. */
export interface RenderedFile {
  readonly path: string;
  readonly mode: string;
  readonly content: string;
}

/**
 * The files and services that the library delivers to one host. Every contender must deliver the same files and
 * services.
 */
export interface RenderedHost {
  readonly name: string;
  readonly address: string;
  readonly packages: readonly string[];
  /** TCP ports, in the firewall's spelling: `443/tcp`. */
  readonly ports: readonly string[];
  readonly richRules: readonly string[];
  readonly services: readonly string[];
  readonly files: readonly RenderedFile[];
}

/**
 * Reads from cdk.tf.json what the library delivers to each host. Where a file has a value that Terraform would fill in,
 * the lab's value is used.
 */
export function rendered(cdkTfJson: string, facts: LabFacts): RenderedHost[] {
  const filledIn: ReadonlyMap<string, string> = new Map([
    ["/etc/haproxy/exch.pem", readFileSync(facts.pemPath, "utf8")],
    ["/etc/keepalived/vrrp.auth", `auth_pass ${VRRP_PASSWORD}\n`],
    ["/usr/local/share/ca-certificates/lab-root.crt", readFileSync(facts.caPath, "utf8")],
  ]);
  // Each of the library's scripts is in a stack once, as a local value.
  const { locals = {} } = JSON.parse(cdkTfJson) as { locals?: { readonly [name: string]: string } };
  const local = (content: string): string | undefined => {
    const text = locals[/^\$\{local\.(\w+)\}$/.exec(content)?.[1] ?? ""];
    return text === undefined ? undefined : unescape(text);
  };
  return hostFiles(cdkTfJson).map(({ host, manifest, files }) => {
    const values = (word: string): string[] =>
      [...new Set(manifest.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1)))];
    const openings = values("open");
    return {
      name: facts.hosts.find(({ address }) => address === host)?.name ?? host,
      address: host,
      packages: values("package"),
      ports: openings.flatMap((opening) => (/^tcp \d+$/.test(opening) ? [`${opening.slice("tcp ".length)}/tcp`] : [])),
      richRules: openings.flatMap((opening) => {
        const [, protocol, port, source] = /^(vrrp|tcp (\d+)) from (\S+)$/.exec(opening) ?? [];
        if (source === undefined) return [];
        const what = protocol === "vrrp" ? 'protocol value="vrrp"' : `port port="${port ?? ""}" protocol="tcp"`;
        return [`rule family="ipv4" source address="${source}" ${what} accept`];
      }),
      services: values("service"),
      files: files.map(({ path, mode, content }) => ({ path, mode, content: filledIn.get(path) ?? local(content) ?? content })),
    };
  });
}
