import { outage } from "../../test/lab/outage";
import type { Site } from "../../test/lab/site";
import { Fault, withoutRestart } from "./faults";
import type { Profile } from "./profiles";

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The outages of a number of runs, in seconds, each with the fault at a random time within the check interval. */
export async function measure(site: Site, profile: Profile, fault: Fault, runs: number): Promise<readonly number[]> {
  const seconds: number[] = [];
  const address = site.lab.facts.virtualAddress;
  for (let run = 0; run < runs; run++) {
    await site.until("lb01 holds the address", 40, async () => (await site.holders()).join() === "lb01");
    await withoutRestart(site.lb01);
    await pause(300 + Math.random() * profile.phase * 1000);
    const look = fault.told.includes(profile.name) ? profile.look.told : profile.look.found;
    seconds.push(await outage(site.lab.client, address, look, () => fault.happens(site.lb01)));
    await fault.heals(site.lb01);
  }
  await site.until("lb01 holds the address", 40, async () => (await site.holders()).join() === "lb01");
  return seconds;
}
