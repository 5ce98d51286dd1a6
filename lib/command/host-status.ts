import type { HostLogin } from "../delivery/logins";
import { inColumns } from "./in-columns";
import type { Answer } from "./ssh";

/** The status of one host. */
export interface HostStatus {
  readonly host: string;
  readonly away: boolean;
  /** Why the host did not answer. Undefined if the host answered. */
  readonly silent?: string;
  readonly delivered: string;
  readonly library: string;
  /** Each service's name, with its state in systemd. */
  readonly services: ReadonlyMap<string, string>;
  /** Each virtual address, and whether the host holds it. */
  readonly addresses: ReadonlyMap<string, boolean>;
  /** Sentences about the Exchange servers, such as `exch01, exch02: up`. Sentences about problems are in `wrong`. */
  readonly members: readonly string[];
  /** Sentences about problems. */
  readonly wrong: readonly string[];
}

/** Makes a host's status from its login and from the output of `apply.sh --status`. */
export function statusOf({ host, away }: HostLogin, { status, said }: Answer): HostStatus {
  const lines = status === 0 ? said.split("\n") : [];
  const after = (word: string): readonly string[] => lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1).trim());
  const pairs = (word: string): readonly (readonly [string, string])[] => after(word).map((line) => [line.split(" ")[0] ?? "", line.split(" ").slice(1).join(" ")]);
  const [delivered = "", library = ""] = (after("delivered")[0] ?? "").split(" ").length > 1 ? (after("delivered")[0] ?? "").split(" ") : ["", after("delivered")[0] ?? ""];
  return {
    host,
    away,
    ...(status === 0 ? {} : { silent: said.trim().split("\n").pop()?.trim() ?? "" }),
    delivered,
    library,
    services: new Map(pairs("service")),
    addresses: new Map(pairs("address").map(([address, word]) => [address, word === "held"])),
    members: after("members"),
    wrong: after("wrong"),
  };
}

/** A table with one row for each host. */
export function table(hosts: readonly HostStatus[]): readonly string[] {
  return inColumns([["HOST", "ADDRESSES", "SERVICES", "DELIVERED", "LIBRARY", "STATE"], ...hosts.map(row)]);
}

function row({ host, away, silent, delivered, library, services, addresses, wrong }: HostStatus): readonly string[] {
  if (silent !== undefined) return [host, "", "", "", "", away ? "away" : "no answer"];
  const held = [...addresses].filter(([, holds]) => holds).map(([address]) => address);
  const down = [...services].filter(([, state]) => state !== "active").map(([name, state]) => `${name} ${state}`);
  return [
    host,
    addresses.size === 0 ? "-" : held.join(" ") || "none",
    services.size === 0 ? "-" : down.join(", ") || "running",
    delivered || "-",
    library || "-",
    wrong.length + down.length > 0 ? "WRONG" : "well",
  ];
}

/** All problems, one sentence each. Empty if there are no problems. */
export function problems(hosts: readonly HostStatus[]): readonly string[] {
  const own = hosts.flatMap(({ host, away, silent, services, wrong }) => {
    if (silent !== undefined) return away ? [] : [`[${host}] no answer: ${silent}`];
    const down = [...services].filter(([, state]) => state !== "active").map(([name, state]) => `${name} is ${state}`);
    // `down` already has a sentence about each dead service, so the host's own sentence about the same service is
    // dropped.
    return [...down, ...wrong.filter((sentence) => ![...services.keys()].some((name) => sentence.startsWith(`${name} is not running`)))].map((sentence) => `[${host}] ${sentence}`);
  });
  return [...own, ...apart(hosts)];
}

/**
 * Finds virtual addresses that several hosts hold, and virtual addresses that no host holds. An address without a holder
 * is reported only if all hosts have answered, because a host that did not answer may hold the address.
 */
function apart(hosts: readonly HostStatus[]): readonly string[] {
  const addresses = [...new Set(hosts.flatMap((host) => [...host.addresses.keys()]))];
  const complete = hosts.every(({ silent, away }) => silent === undefined || away);
  return addresses.flatMap((address) => {
    const holders = hosts.filter((host) => host.addresses.get(address) === true).map(({ host }) => host);
    if (holders.length > 1) return [`${address} is held by ${holders.join(" and ")}`];
    return holders.length === 0 && complete ? [`${address} is held by nobody`] : [];
  });
}
