import type { Site } from "../../test/lab/site";
import type { Contender } from "./contender";
import { count, counted, type Traffic } from "./traffic";

export interface Measured extends Traffic {
  readonly seconds: number;
  /** The number of logins that sshd accepted, according to its log. */
  readonly logins: number;
}

/** One deploy: its time and its ssh traffic. */
export async function measure(site: Site, contender: Contender): Promise<Measured> {
  const before = await logins(site);
  await count(site.lab);
  const started = process.hrtime.bigint();
  await contender.deploy();
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const traffic = await counted(site.lab);
  await contender.rest();
  return { seconds, ...traffic, logins: (await logins(site)) - before };
}

async function logins(site: Site): Promise<number> {
  const each = await Promise.all(site.lab.balancers.map((host) => host.sshLogins()));
  return each.reduce((sum, one) => sum + one, 0);
}
