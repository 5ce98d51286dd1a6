import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { HostFile, HostFiles, hostFiles } from "../testing/host-files";

/** A folder of the tree that the command `show` writes for review. */
export interface Folder {
  /**
   * The path inside the stack's folder. For a construct `Mail` with a host `Master`, the folder `Mail` contains the files
   * that are equal on all hosts of the construct, and `Mail/Master` contains the other files of this host.
   */
  readonly name: string;
  /** The hosts that have these files. */
  readonly hosts: readonly string[];
  readonly files: readonly HostFile[];
}

/**
 * Sorts the hosts' files into folders. The folders are named after the constructs, not after addresses, so a changed
 * address moves no file. A file that is equal on all hosts of a construct appears only once, so a changed prop changes
 * one line instead of one line for each host.
 */
export function folders(synthesized: string): readonly Folder[] {
  const paths = constructPaths(synthesized);
  const groups = new Map<string, { readonly own: string; readonly host: HostFiles }[]>();
  for (const host of hostFiles(synthesized)) {
    const own = (paths.get(host.resources[0] ?? "") ?? host.host).split("/").slice(1, -1).join("/");
    const parent = own.split("/").slice(0, -1).join("/");
    groups.set(parent, [...(groups.get(parent) ?? []), { own, host }]);
  }
  return [...groups].flatMap(([parent, members]) => {
    const [first, ...others] = members;
    if (first === undefined) return [];
    const isCommon = (file: HostFile): boolean =>
      others.length > 0 && others.every(({ host }) => host.files.some((other) => other.path === file.path && other.mode === file.mode && other.content === file.content));
    const common = first.host.files.filter(isCommon);
    const shared = new Set(common.map(({ path }) => path));
    return [
      ...(common.length === 0 ? [] : [{ name: parent, hosts: members.map(({ host }) => host.host), files: common }]),
      ...members.map(({ own, host }) => ({ name: own, hosts: [host.host], files: host.files.filter(({ path }) => !shared.has(path)) })),
    ];
  });
}

/** Writes the files to a folder. Secrets are left out, because their text is not in the synthesized stack. */
export function writeFolders(all: readonly Folder[], target: string): void {
  rmSync(target, { recursive: true, force: true });
  for (const { name, files } of all) {
    for (const { path, content, secret } of files) {
      if (secret) continue;
      const file = join(target, name, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
  }
}

/** Lists the files of a folder for people to read: each file's name, mode and number of lines. */
export function drawn({ name, hosts, files }: Folder): string {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const lines: string[] = [];
  let open: readonly string[] = [];
  for (const { path, mode, content, secret } of sorted) {
    const parts = path.split("/").slice(1, -1);
    const differs = parts.findIndex((part, depth) => open[depth] !== part);
    const depth = differs === -1 ? parts.length : differs;
    parts.slice(depth).forEach((part, index) => lines.push(`${"  ".repeat(depth + index + 1)}${part}/`));
    open = parts;
    const size = secret ? "secret" : content.startsWith("${") ? "read at apply" : count(content);
    lines.push(`${`${"  ".repeat(parts.length + 1)}${path.split("/").pop() ?? ""}`.padEnd(52)} ${mode}  ${size}`);
  }
  return [`${name}  (${hosts.join(", ")})`, ...lines].join("\n");
}

function count(content: string): string {
  const lines = content.trimEnd().split("\n").length;
  return lines === 1 ? "1 line" : `${lines} lines`;
}

interface Synthesized {
  readonly resource?: { readonly null_resource?: { readonly [id: string]: { readonly "//"?: { readonly metadata?: { readonly path?: string } } } } };
}

/** The construct path of each null_resource, from cdktf's metadata. */
function constructPaths(synthesized: string): Map<string, string> {
  const { resource } = JSON.parse(synthesized) as Synthesized;
  return new Map(Object.entries(resource?.null_resource ?? {}).map(([id, about]) => [id, about["//"]?.metadata?.path ?? id]));
}
