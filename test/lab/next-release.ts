import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { cached } from "./cache";
import type { Host } from "./hosts";
import { inOneOffContainer } from "./one-off-container";
import { PACKAGES } from "./package-repository";
import { bareRoot } from "./root-fs";
import { must } from "./run";
import type { Debian } from "./suites";

const ON_HOST = "/var/lab-next";

/** A package repository with what a balancer downloads when it is upgraded from one Debian release to another. */
async function upgradeRepository(from: Debian, to: Debian): Promise<string> {
  const bare = await bareRoot(from);
  return cached(`upgrade-${from}-${to}`, { bare: path.basename(bare), PACKAGES, to }, async (folder) => {
    await inOneOffContainer(bare, ["sh", "-ec", [
      "printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d",
      "export DEBIAN_FRONTEND=noninteractive",
      `apt-get update -qq; apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-unsafe-io ${PACKAGES.join(" ")}`,
      `echo 'deb http://deb.debian.org/debian ${to} main' >/etc/apt/sources.list; rm -f /etc/apt/sources.list.d/*; apt-get update -qq`,
      "apt-get dist-upgrade -y -qq --download-only -o APT::Sandbox::User=root -o Dir::Cache::archives=/repo",
      "rm -rf /repo/partial /repo/lock",
    ].join("\n")], { network: "host", throwAway: true, bind: [`${folder}:/repo`] });
    writeFileSync(path.join(folder, "Packages"), await must(["apt-ftparchive", "packages", "."], { cwd: folder }));
    writeFileSync(path.join(folder, "Release"), await must(["apt-ftparchive", "release", "."], { cwd: folder }));
  });
}

/** Gives a host a repository with the next release's packages, and removes the host's other package sources. */
export async function offerNextRelease(host: Host, from: Debian, to: Debian): Promise<void> {
  const repository = await upgradeRepository(from, to);
  const scratch = mkdtempSync(path.join(path.dirname(repository), "upgrade-tar-"));
  try {
    await must(["tar", "-C", repository, "-cf", path.join(scratch, "tar"), "."]);
    await host.must(`mkdir -p ${ON_HOST} && tar -C ${ON_HOST} -x`, { input: readFileSync(path.join(scratch, "tar")), timeout: 120 });
  } finally {
    rmSync(scratch, { recursive: true });
  }
  await host.must(`echo 'deb [trusted=yes] file:${ON_HOST} ./' >/etc/apt/sources.list && rm -rf /etc/apt/sources.list.d/* /var/lib/apt/lists/* && apt-get -qq update`, { timeout: 120 });
}
