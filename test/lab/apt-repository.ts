import { cached } from "./cache";
import { inOneOffContainer } from "./one-off-container";
import { must } from "./run";
import { bareRoot } from "./root-fs";
import type { Suite } from "./suites";
import { writeFileSync } from "node:fs";
import * as path from "node:path";

/** What a deploy may install on a bare host. Hosts have no way out, so the packages come to them. */
const PACKAGES = [
  "haproxy", "keepalived", "firewalld", "python3-nftables", "nftables", "rsyslog", "logrotate", "openssl",
  "ca-certificates", "netbase", "curl",
];

/** Where a host finds the repository. */
export const REPOSITORY_ON_HOST = "/var/lab/repo";
export const SOURCES_LIST = `deb [trusted=yes] file:${REPOSITORY_ON_HOST} ./\n`;

/** A folder of packages with their index: these and all they depend on beyond a bare host. */
export async function aptRepository(suite: Suite): Promise<string> {
  const bare = await bareRoot(suite);
  return cached(`repo-${suite}`, { bare: path.basename(bare), PACKAGES }, async (folder) => {
    await inOneOffContainer(bare, ["sh", "-ec", [
      "apt-get update -qq",
      "apt-get install -y -qq --no-install-recommends --download-only -o APT::Sandbox::User=root "
        + `-o Dir::Cache::archives=/repo --reinstall ${PACKAGES.join(" ")}`,
      "rm -rf /repo/partial /repo/lock",
    ].join("\n")], { network: "host", throwAway: true, bind: [`${folder}:/repo`] });
    writeFileSync(path.join(folder, "Packages"), await must(["apt-ftparchive", "packages", "."], { cwd: folder }));
    writeFileSync(path.join(folder, "Release"), await must(["apt-ftparchive", "release", "."], { cwd: folder }));
    await must(["chmod", "-R", "a+rX", folder]);
  });
}
