import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { cached } from "./cache";
import { inOneOffContainer } from "./one-off-container";
import { bareRoot } from "./root-fs";
import { must } from "./run";
import type { Debian } from "./suites";

/** Packages that an administrator may have installed before the first deploy: firewalls, shells, another syslog server. */
const PACKAGES = ["ufw iptables nftables zsh fish", "iptables-persistent", "syslog-ng-core"]; // Some do not go with others.

export const OTHER_PACKAGES_ON_HOST = "/var/lab/other";
export const OTHER_SOURCES_LIST = `deb [trusted=yes] file:${OTHER_PACKAGES_ON_HOST} ./\n`;

/** A package repository with PACKAGES and those of their dependencies that a bare host lacks. */
export async function otherPackages(debian: Debian): Promise<string> {
  const bare = await bareRoot(debian);
  return cached(`other-packages-${debian}`, { bare: path.basename(bare), PACKAGES }, async (folder) => {
    await inOneOffContainer(bare, ["sh", "-ec", [
      "apt-get update -qq",
      ...PACKAGES.map((names) => "apt-get install -y -qq --no-install-recommends --download-only -o APT::Sandbox::User=root "
        + `-o Dir::Cache::archives=/repo ${names}`),
      "rm -rf /repo/partial /repo/lock",
    ].join("\n")], { network: "host", throwAway: true, bind: [`${folder}:/repo`] });
    writeFileSync(path.join(folder, "Packages"), await must(["apt-ftparchive", "packages", "."], { cwd: folder }));
    writeFileSync(path.join(folder, "Release"), await must(["apt-ftparchive", "release", "."], { cwd: folder }));
    await must(["chmod", "-R", "a+rX", folder]);
  });
}
