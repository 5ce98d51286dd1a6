import type { Opening } from "../../lib/review/openings";
import { hostKeys } from "./keys";
import { hasCurrentDisk, insideHost, isOn, makeDisk, powerOff, powerOn, waitUntilBooted } from "./machine";
import { inNamespace } from "./network";
import { must, run } from "./run";
import { BORDER_HOSTS, HOSTS, INTERFACE, MANAGEMENT, PREFIX_LENGTH, ZONES, type HostPlan } from "./topology";

/** Adds the DMZ and the outside network, with their hosts, to a running lab. The lab's `down` removes them. */
export async function zonesUp(): Promise<void> {
  for (const { bridge, gateway } of Object.values(ZONES)) {
    if ((await run(inNamespace(["ip", "link", "show", bridge]))).status === 0) continue;
    await must(inNamespace(["ip", "link", "add", bridge, "type", "bridge"]));
    await must(inNamespace(["ip", "addr", "add", `${gateway}/${PREFIX_LENGTH}`, "dev", bridge]));
    await must(inNamespace(["ip", "link", "set", bridge, "up"]));
  }
  await must(inNamespace(["sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward"]));
  await letThrough([]);
  await Promise.all(BORDER_HOSTS.map(boot));
  // A host that booted before this suite was written has no way to the other networks.
  for (const plan of HOSTS.filter(isOn)) {
    const { others, gateway } = ZONES[plan.zone];
    await must(insideHost(plan, ["ip", "route", "replace", others, "via", gateway, "dev", INTERFACE]));
  }
}

async function boot(plan: HostPlan): Promise<void> {
  const current = await hasCurrentDisk(plan);
  if (isOn(plan) && current) return;
  await hostKeys(plan.name);
  await powerOff(plan);
  if (!current) await makeDisk(plan);
  await powerOn(plan);
  await waitUntilBooted(plan);
}

/** The keys of a host, as `ssh-keyscan` prints them. */
export async function hostKeyText({ name, address }: HostPlan): Promise<string> {
  return Object.values(await hostKeys(name)).map(({ publicText }) => `${address} ${publicText}\n`).join("");
}

/**
 * The lab's network for each word that a table of firewall openings uses. The table also has the words "deploys" and
 * "packages"; for these words the lab has no network.
 */
const WORDS: Readonly<Record<string, string | undefined>> = { "the outside": ZONES.outside.network, "all clients": ZONES.inside.network };

/** Sets the firewall between the networks. The firewall then allows only the connections in `openings`. */
export async function letThrough(openings: readonly Opening[]): Promise<void> {
  const rules = openings.flatMap(({ from, to, port }) => {
    const [, tcp] = /^TCP (\d+)$/.exec(port) ?? [];
    const [sources, targets] = [from, to].map((text) => addresses(text));
    return tcp === undefined || sources === undefined || targets === undefined
      ? []
      : [`    ip saddr { ${sources.join(", ")} } ip daddr { ${targets.join(", ")} } tcp dport ${tcp} accept`];
  });
  const text = [
    "table ip zones", "delete table ip zones", "table ip zones {", "  chain forward {", "    type filter hook forward priority 0; policy drop;",
    // If br_netfilter is loaded, traffic within a bridge also passes here.
    ...[...Object.values(ZONES), MANAGEMENT].map(({ bridge }) => `    iifname ${bridge} oifname ${bridge} accept`),
    "    ct state established,related accept", ...new Set(rules), "    counter reject with icmp type admin-prohibited", "  }", "}", "",
  ].join("\n");
  await must(inNamespace(["nft", "-f", "-"]), { input: `${text}\n` });
}

/** Returns the present rules of the firewall between the networks. */
export const rulesInForce = (): Promise<string> => must(inNamespace(["nft", "list", "table", "ip", "zones"]));

function addresses(text: string): string[] | undefined {
  const all = text.split(", ").map((word) => WORDS[word] ?? word);
  // These networks have no IPv6.
  const known = all.filter((word) => /^[0-9.]+(\/\d+)?$/.test(word));
  return known.length === 0 ? undefined : known;
}
