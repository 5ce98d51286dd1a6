import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { cached } from "./cache";
import { elHost } from "./el-host";
import { inOneOffContainer } from "./one-off-container";
import { bareRoot } from "./root-fs";
import { must } from "./run";
import type { Debian, Suite } from "./suites";
import { SYSTEMS } from "./systems";

/** The packages that a deploy may install on a bare Debian host. */
export const PACKAGES = [
  "haproxy", "keepalived", "firewalld", "python3-nftables", "nftables", "rsyslog", "logrotate", "openssl",
  "ca-certificates", "netbase", "curl",
];

/** The package repository for hosts of one system, as a folder. */
export async function packageRepository(suite: Suite): Promise<string> {
  const { el, debian } = SYSTEMS[suite];
  return el === undefined ? aptRepository(debian) : (await elHost(suite)).repository;
}

/** A repository with PACKAGES and those of their dependencies that a bare host lacks. */
async function aptRepository(debian: Debian): Promise<string> {
  const bare = await bareRoot(debian);
  return cached(`repo-${debian}`, { bare: path.basename(bare), PACKAGES }, async (folder) => {
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
