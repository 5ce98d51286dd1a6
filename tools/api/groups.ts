import { Api, isConstruct, mentioned } from "./assembly";

/** A construct, and what is told nowhere but with it. */
export interface Group {
  readonly title: string;
  readonly types: readonly string[];
}

/** In the order in which a reader meets them; a construct that is not named here comes after. */
const READ = ["ExchangeBalancer", "ExchangeDag", "SslBridgeCert", "KeepalivedPair", "HaproxyNode", "ManagedHost"];

/** In the order in which they choose what is theirs: the narrow ones first, since the others reach all of theirs. */
const CHOOSE = ["ExchangeDag", "SslBridgeCert", "ManagedHost", "HaproxyNode", "KeepalivedPair", "ExchangeBalancer"];

/** Values that are no construct's in particular. */
const EVERYWHERE = ["Duration"];

/** Every type of the API, in one group each. */
export function groupsOf(api: Api): readonly Group[] {
  const taken = new Set<string>(EVERYWHERE);
  const constructs = [...api.values()].filter((type) => isConstruct(type, api)).map(({ name }) => name).sort();
  const sorted = (order: readonly string[]): readonly string[] => [...order.filter((name) => constructs.includes(name)), ...constructs.filter((name) => !order.includes(name))];
  const own = new Map(sorted(CHOOSE).map((construct) => [construct, reach(api, construct, taken)]));
  const rest = [...api.keys()].filter((name) => !taken.has(name) && !constructs.includes(name)).sort();
  return [
    ...sorted(READ).map((construct) => ({ title: construct, types: [construct, ...(own.get(construct) ?? [])] })),
    { title: "Used everywhere", types: [...EVERYWHERE.filter((name) => api.has(name)), ...rest] },
  ];
}

/** What can be reached from a construct and no other has yet, each type after the one that mentions it. */
function reach(api: Api, from: string, taken: Set<string>): readonly string[] {
  const type = api.get(from);
  if (type === undefined) return [];
  return mentioned(type).flatMap((name) => {
    const other = api.get(name);
    if (other === undefined || taken.has(name) || isConstruct(other, api)) return [];
    taken.add(name);
    return [name, ...reach(api, name, taken)];
  });
}
