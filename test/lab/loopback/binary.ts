import { existsSync } from "node:fs";
import * as path from "node:path";
import { HaproxyVersion } from "../../../lib/haproxy/versions";
import { toolsRoot } from "../root-fs";
import { type Debian, releaseOf } from "../suites";

/** An HAProxy that runs directly on this machine, without a host of the lab. */
export interface Binary {
  readonly name: string;
  /** The HAProxy version: a key of HAPROXY_FEATURES. */
  readonly version: HaproxyVersion;
  readonly argv: readonly string[];
}

/** The HAProxy of a Debian release, with that release's libraries. */
export async function debianBinary(suite: Debian): Promise<Binary> {
  const root = await toolsRoot(suite);
  const folders = ["lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"].map((folder) => path.join(root, folder));
  // Its name in Debian 11 is a link that leads out of the folder.
  const loader = ["ld-2.31.so", "ld-linux-x86-64.so.2"].map((name) => path.join(folders[0] ?? "", name)).find(existsSync) ?? "";
  const { haproxy } = releaseOf(suite);
  return {
    name: `${haproxy} (${suite})`,
    version: haproxy,
    argv: [loader, "--library-path", folders.join(":"), path.join(root, "usr/sbin/haproxy")],
  };
}

/**
 * Further HAProxy binaries, which the environment variable REQUESTS_HAPROXY lists, for example as "1.8=/path/haproxy
 * 2.4=/path/haproxy".
 */
export function builtBinaries(): Binary[] {
  return (process.env["REQUESTS_HAPROXY"] ?? "").split(" ").filter((entry) => entry !== "").map((entry) => {
    const [version = "", file = ""] = entry.split("=");
    if (!existsSync(file)) throw new Error(`REQUESTS_HAPROXY names ${file}, but this file does not exist`);
    return { name: `${version} (${file})`, version: version as HaproxyVersion, argv: [file] };
  });
}
