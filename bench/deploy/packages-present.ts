import { readdirSync } from "node:fs";
import { cached } from "../../test/lab/cache";
import { inOneOffContainer } from "../../test/lab/one-off-container";
import { bareRoot } from "../../test/lab/root-fs";
import { debianOf } from "../../test/lab/suites";
import { must } from "../../test/lab/run";
import type { Site } from "../../test/lab/site";
import * as path from "node:path";
import type { RenderedHost } from "./rendered";

/**
 * The package that Ansible's apt module needs on each host. The hosts cannot reach the internet, so the bench copies the
 * package to them.
 */
const FOR_ANSIBLE = "python3-apt";

/**
 * Prepares both balancers like VMs from an image: all packages are installed, and their services run with Debian's own
 * configuration. `comeBack` restores this state before each first deploy.
 */
export async function packagesPresent(site: Site, hosts: readonly RenderedHost[]): Promise<void> {
  await site.fromBare();
  const suite = debianOf(site.lab.facts.suite);
  const bare = await bareRoot(suite);
  const debs = await cached(`for-ansible-${suite}`, { bare: path.basename(bare), FOR_ANSIBLE }, async (folder) => {
    await inOneOffContainer(bare, ["sh", "-ec", [
      "apt-get update -qq",
      `apt-get install -y -qq --no-install-recommends --download-only -o APT::Sandbox::User=root -o Dir::Cache::archives=/debs ${FOR_ANSIBLE}`,
      "rm -rf /debs/partial /debs/lock",
    ].join("\n")], { network: "host", throwAway: true, bind: [`${folder}:/debs`] });
  });
  const files = readdirSync(debs).filter((file) => file.endsWith(".deb"));
  // base64, because must() returns text and an archive is binary.
  const archive = Buffer.from(await must(["sh", "-c", 'cd "$0" && tar -c "$@" | base64 -w 0', debs, ...files]), "base64");
  await Promise.all(hosts.map(async ({ name, packages }) => {
    const host = site.lab.host(name);
    await host.must(["mkdir", "/var/lab/debs"]);
    await host.must(["tar", "-x", "-C", "/var/lab/debs"], { input: archive });
    await host.must(`apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ${packages.join(" ")} /var/lab/debs/*.deb`, { timeout: 300 });
    await host.must(["rm", "-r", "/var/lab/debs"]);
    await host.keep();
  }));
}
