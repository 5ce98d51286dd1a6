import { Api, isConstruct, mentioned } from "./assembly";

/** A section of docs/api.md: a construct, and the types that are documented with it. */
export interface Group {
  readonly title: string;
  readonly types: readonly string[];
}

/** The order of the constructs in docs/api.md. Constructs that are not in this list come after these. */
const READ = ["ExchangeBalancer", "ExchangeDag", "SslBridgeCert", "KeepalivedPair", "HaproxyNode", "ManagedHost"];

/**
 * The order in which constructs claim types. Constructs that refer to few types come first. If constructs that refer to
 * many types came first, they would claim all types.
 */
const CHOOSE = ["ExchangeDag", "SslBridgeCert", "ManagedHost", "HaproxyNode", "KeepalivedPair", "ExchangeBalancer"];

/** Types that no construct claims: docs/api.md has them in the last section, "Used everywhere". */
const EVERYWHERE = ["Duration"];

/** All types of the API, each in exactly one group. */
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

/**
 * The types that can be reached from a construct and that no earlier construct has claimed. Each comes after the type that
 * refers to it.
 */
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
