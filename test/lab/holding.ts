import type { Host } from "./hosts";

/** For how long both hosts or no host held an address, in seconds, measured by the hosts' kernels. */
export interface Holding {
  /** The longest time for which both hosts had the address on the interface. */
  readonly two: number;
  /** The longest time for which no host had the address on any interface, including loopback. */
  readonly nobody: number;
}

interface Change {
  readonly at: number;
  readonly host: string;
  readonly has: boolean;
  readonly loopback: boolean;
}

/** Runs `happens`, and measures meanwhile which hosts hold the address. */
export async function holding(hosts: readonly Host[], address: string, happens: () => Promise<unknown>): Promise<Holding> {
  const file = `/run/holding.${address}`;
  const holders = await Promise.all(hosts.map(async (host) => {
    await host.must(`rm -f ${file} ${file}.pid; (setsid ip -ts -4 -o monitor address >${file} 2>/dev/null & echo $! >${file}.pid)`);
    return (await host.must("ip -4 -o address show")).includes(` ${address}/`);
  }));
  const began = Date.now() / 1000;
  await happens();
  const changes = (await Promise.all(hosts.map(async (host) => read(host, await host.must(`sleep 0.2; kill $(cat ${file}.pid); cat ${file}`), address)))).flat();
  return judged(hosts.map(({ name }, index) => ({ host: name, has: holders[index] === true })), changes.sort((one, other) => one.at - other.at), began, Date.now() / 1000);
}

function read({ name }: Host, said: string, address: string): Change[] {
  return said.split("\n").flatMap((line) => {
    const [, at, deleted, device] = /^\[([^\]]+)\] ?(Deleted )?\d+: (\S+)\s+inet /.exec(line) ?? [];
    if (at === undefined || !line.includes(` ${address}/`)) return [];
    return [{ at: Date.parse(`${at}Z`) / 1000, host: name, has: deleted === undefined, loopback: device === "lo" }];
  });
}

function judged(first: readonly { host: string; has: boolean }[], changes: readonly Change[], began: number, ended: number): Holding {
  const real = new Set(first.filter(({ has }) => has).map(({ host }) => host));
  const lo = new Set<string>();
  let [two, nobody, since] = [0, 0, began];
  for (const { at, host, has, loopback } of [...changes, { at: ended, host: "", has: false, loopback: false }]) {
    if (real.size > 1) two = Math.max(two, at - since);
    if (real.size + lo.size === 0) nobody = Math.max(nobody, at - since);
    const set = loopback ? lo : real;
    const before = real.size > 1 || real.size + lo.size === 0;
    if (has) set.add(host);
    else set.delete(host);
    // A period continues while the state is the same.
    if (!(before && (real.size > 1 || real.size + lo.size === 0))) since = at;
  }
  return { two, nobody };
}
