import type { HostLogin } from "../delivery/logins";
import { inColumns } from "./in-columns";
import type { Answer } from "./ssh";

/** The status of one host. */
export interface HostStatus {
  readonly host: string;
  readonly away: boolean;
  /** Why the host did not answer. */
  readonly silent?: string;
  readonly delivered: string;
  readonly library: string;
  /** Each service with its state from systemd. */
  readonly services: ReadonlyMap<string, string>;
  /** Each virtual address, and whether the host holds it. */
  readonly addresses: ReadonlyMap<string, boolean>;
  /** Sentences about the Exchange servers, such as `exch01, exch02: up`. Problems are in `wrong`. */
  readonly members: readonly string[];
  /** Sentences about problems. */
  readonly wrong: readonly string[];
}

/** Reads the output of `apply.sh --status`. */
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

/** All problems, one sentence for each. Empty if everything is right. */
export function problems(hosts: readonly HostStatus[]): readonly string[] {
  const own = hosts.flatMap(({ host, away, silent, services, wrong }) => {
    if (silent !== undefined) return away ? [] : [`[${host}] no answer: ${silent}`];
    const down = [...services].filter(([, state]) => state !== "active").map(([name, state]) => `${name} is ${state}`);
    // A dead service is named only once, although the comparison with the delivery also names it.
    return [...down, ...wrong.filter((sentence) => ![...services.keys()].some((name) => sentence.startsWith(`${name} is not running`)))].map((sentence) => `[${host}] ${sentence}`);
  });
  return [...own, ...apart(hosts)];
}

/**
 * The problems with virtual addresses: no host or several hosts hold an address. An address without a holder is a
 * problem only if all hosts have answered.
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
