import { writeFileSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";
import { parseArgs } from "node:util";
import { labEnvironment, readFacts } from "../../test/lab/facts";
import { up } from "../../test/lab/lifecycle";
import { Site } from "../../test/lab/site";
import { FAULTS, withRestart } from "./faults";
import { measure } from "./measure";
import { plot } from "./plot";
import { PROFILES } from "./profiles";
import { quietly } from "./quiet";
import { table } from "./table";

const USAGE =
  "usage: npm run bench -- failover [--runs N] [--profile NAME]... [--fault TEXT]... [--plot FILE]\n" +
  "(as root, on a quiet machine; it brings the lab up. N: runs for each cell, default 10)";

/** `npm run bench -- failover`: measures on the lab's hosts how long clients wait, for each fault and failover profile. */
export async function failover(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: "string", default: "10" },
      profile: { type: "string", multiple: true },
      fault: { type: "string", multiple: true },
      plot: { type: "string" },
    },
  });
  if (!/^[1-9][0-9]{0,2}$/.test(values.runs)) throw new Error(`--runs must be an integer from 1 to 999, got "${values.runs}"\n${USAGE}`);
  const runs = Number(values.runs);
  const profiles = PROFILES.filter(({ name }) => values.profile?.includes(name) ?? true);
  const faults = FAULTS.filter(({ name }) => values.fault?.some((text) => name.includes(text)) ?? true);
  if (profiles.length === 0 || faults.length === 0) {
    throw new Error(`profiles are ${PROFILES.map(({ name }) => name).join(", ")}; faults are ${FAULTS.map(({ name }) => name).join("; ")}\n${USAGE}`);
  }

  await up();
  Object.assign(process.env, labEnvironment(readFacts()));
  const site = await Site.attach();
  const loads: number[] = [];
  const results: Record<string, Record<string, readonly number[]>> = {};
  for (const profile of profiles) {
    await deployed(site, profile.site);
    const cells: Record<string, readonly number[]> = (results[profile.name] = {});
    try {
      for (const fault of faults) {
        loads.push(loadavg()[0] ?? 0);
        cells[fault.name] = await quietly(() => measure(site, profile, fault, runs));
        process.stderr.write(`${profile.name}, ${fault.name}: ${(cells[fault.name] ?? []).map((seconds) => seconds.toFixed(3)).join(" ")}\n`);
      }
    } finally {
      await withRestart(site.lb01);
    }
  }
  const about = await describe(site, runs, loads);
  process.stdout.write(`${about}\n\n${table(results)}\n`);
  if (values.plot !== undefined) writeFileSync(values.plot, plot(results, about.split("\n")[0] ?? ""));
}

async function deployed(site: Site, settings: Parameters<Site["deploy"]>[0]): Promise<void> {
  if ((await site.deploy(settings)).status === 0) return;
  await site.fromBare();
  await site.mustDeploy(settings);
}

async function describe(site: Site, runs: number, loads: readonly number[]): Promise<string> {
  const version = async (command: string): Promise<string> => /\d+\.\d+\.\d+/.exec(await site.lb01.must(command))?.[0] ?? "?";
  const [haproxy, keepalived] = [await version("haproxy -v"), await version("keepalived -v 2>&1")];
  return [
    `failover: HAProxy ${haproxy}, keepalived ${keepalived}, systemd hosts of the lab on Linux ${release()}, ${cpus().length} CPUs; ${runs} runs for each cell, each at a random time within the check interval`,
    `load average of the machine while measured: ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}`,
    "seconds from the last answer before the fault to the first after it, of a client that connects every 10 ms: median (min to max)",
  ].join("\n");
}
