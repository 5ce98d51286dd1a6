import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { HostFiles, hostFiles } from "cdktf-exchange-balancer/testing";

/** Writes each host's files below a folder and gives back their trees, to be printed. */
export function writeHostFiles(synthesized: string, folder: string): string[] {
  rmSync(folder, { recursive: true, force: true });
  return hostFiles(synthesized).map((host) => {
    const root = join(folder, folderName(host));
    for (const { path, content, secret } of host.files) {
      if (secret) continue;
      const file = join(root, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
    return [`${host.host}  (${root})`, ...tree(host)].join("\n");
  });
}

/** The host's address; where Terraform fills that in, the resource that delivers to it. */
function folderName({ host, resources }: HostFiles): string {
  return /^[\w.:-]+$/.test(host) ? host : (resources[0] ?? "host");
}

function tree({ files, manifest }: HostFiles): string[] {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const lines: string[] = [];
  let open: string[] = [];
  for (const { path, mode, content, secret } of sorted) {
    const parts = path.split("/").slice(1);
    const name = parts.pop() ?? "";
    const shared = open.findIndex((part, depth) => parts[depth] !== part);
    const depth = shared === -1 ? Math.min(open.length, parts.length) : shared;
    parts.slice(depth).forEach((part, index) => lines.push(`${"  ".repeat(depth + index + 1)}${part}/`));
    open = parts;
    const size = secret ? "secret" : content.startsWith("${") ? "read at apply" : `${content.trimEnd().split("\n").length} lines`;
    lines.push(`${`${"  ".repeat(parts.length + 1)}${name}`.padEnd(52)} ${mode}  ${size}`);
  }
  const values = (word: string): string =>
    [...new Set(manifest.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1)))].join(", ");
  return [
    ...lines,
    `  packages  ${values("package")}`,
    `  services  ${values("service")}`,
    `  firewall  ${values("open")}`,
  ];
}
