import { Api, isConstruct, mentioned } from "./assembly";

/** A construct, and the types that are documented only with it. */
export interface Group {
  readonly title: string;
  readonly types: readonly string[];
}

/** In the order in which a reader meets them; a construct that is not named here comes after. */
const READ = ["ExchangeBalancer", "ExchangeDag", "SslBridgeCert", "KeepalivedPair", "HaproxyNode", "ManagedHost"];

/** The order in which constructs choose their types: narrow constructs first, because the others reach the same types, too. */
const CHOOSE = ["ExchangeDag", "SslBridgeCert", "ManagedHost", "HaproxyNode", "KeepalivedPair", "ExchangeBalancer"];

/** Values that belong to no single construct. */
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

/** The types that can be reached from a construct and that no earlier construct has, each after the type that mentions it. */
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
