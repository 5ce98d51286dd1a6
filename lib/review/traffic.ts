import { ReviewMember, ReviewModel, ReviewService } from "./model";

/** One thing of the picture: a box, a frame around boxes, or an arrow. */
export type Drawn = Box | Frame | Arrow;

export interface Box {
  readonly kind: "clients" | "address" | "server";
  readonly id: string;
  readonly lines: readonly string[];
}

export interface Frame {
  readonly kind: "frame";
  readonly id: string;
  readonly title: string;
  readonly boxes: readonly Box[];
}

export interface Arrow {
  /** A `preferred` arrow leads from an address to the node that usually holds it; a `standby` arrow, to the other node. */
  readonly kind: "traffic" | "preferred" | "standby";
  /** The id of a box or of a frame. */
  readonly from: string;
  readonly to: string;
  readonly label?: string;
}

/**
 * The traffic as boxes and arrows, for a picture of any format. Each member, group of addresses and source of traffic
 * is one box. The ids of members and services contain their names, so that a new member or service does not change other
 * ids. Traffic from the balancers to the members is one arrow, because one arrow for each balancer and member would be
 * unreadable with 16 members.
 */
export function traffic({ groups, nodes, members, services, clientNames, published }: ReviewModel): readonly Drawn[] {
  const border = published !== undefined;
  const bare = (address: string): string => address.replace(/[/].*/, "");
  const entriesOf = ({ address }: ReviewService): readonly string[] => {
    if (groups.length === 0) return ["balancers"];
    const own = groups.flatMap(({ ipv4, ipv6 }, index) => ([...ipv4, ...ipv6].some((held) => bare(held) === address) ? [`address${index + 1}`] : []));
    return own.length > 0 ? own : groups.map((_, index) => `address${index + 1}`);
  };
  const serviceIds = ids(services.map(({ name }) => name));
  const memberIds = ids(members.map(({ name }) => name));
  return [
    ...services.map((service, index): Box => ({ kind: "clients", id: `source_${serviceIds[index]}`, lines: [who(service.allow), ...service.closed.map(({ name, allow }) => `${name}: ${who(allow)}`)] })),
    // The client names have DNS records for the addresses of all groups, so each group's box shows the names.
    ...groups.map(({ ipv4, ipv6 }, index): Box => ({ kind: "address", id: `address${index + 1}`, lines: [...ipv4, ...ipv6, ...clientNames] })),
    {
      kind: "frame", id: "balancers", title: border ? "border proxies" : "balancers",
      boxes: nodes.map(({ role, host, system }, index) => ({ kind: "server", id: `node${index + 1}`, lines: [role, host, system] })),
    },
    {
      kind: "frame", id: "dag", title: border ? "inside" : "Exchange DAG",
      boxes: members.map((member, index) => ({ kind: "server", id: `member_${memberIds[index]}`, lines: border ? [member.host] : memberLines(member) })),
    },
    ...services.flatMap((service, index) => entriesOf(service).map((entry): Arrow => ({ kind: "traffic", from: `source_${serviceIds[index]}`, to: entry, label: `${service.name} ${service.address === undefined ? "" : `${service.address}:`}${service.port}` }))),
    ...groups.flatMap(({ holder }, group) => nodes.map(({ role }, index): Arrow => ({ kind: holder === role ? "preferred" : "standby", from: `address${group + 1}`, to: `node${index + 1}` }))),
    ...services.flatMap(({ name, servers = [], serverPort }, index): readonly Drawn[] => (servers.length === 0 ? [] : [
      { kind: "server", id: `other_${serviceIds[index]}`, lines: [name, ...servers] },
      { kind: "traffic", from: "balancers", to: `other_${serviceIds[index]}`, label: `${name} ${serverPort}` },
    ])),
    ...services.flatMap(({ name, memberPort }): readonly Arrow[] => (memberPort === undefined ? [] : [{ kind: "traffic", from: "balancers", to: "dag", label: `${name} ${memberPort}` }])),
  ];
}

/** For each name, an id that Mermaid allows. All ids are different. */
function ids(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const plain = name.replace(/[^A-Za-z0-9]+/g, "_");
    let id = plain;
    for (let again = 2; taken.has(id); again++) id = `${plain}_${again}`;
    taken.add(id);
    return id;
  });
}

/** The clients of a service. Of a long list, the text contains only the first entry and the number of further entries. */
function who(allow: readonly string[] | undefined): string {
  if (allow === undefined) return "everyone";
  const [first = "", second] = allow;
  if (allow.length > 2) return `${first} and ${allow.length - 1} more`;
  return second === undefined ? first : `${first}, ${second}`;
}

function memberLines({ name, host, weight, state }: ReviewMember): readonly string[] {
  return [name, ...(host === name ? [] : [host]), state === "ready" ? `weight ${weight}` : state];
}
