import { ReviewMember, ReviewModel, ReviewService } from "./model";

/**
 * The traffic as a Mermaid flowchart. Each member, address and source is one line, so that a changed prop changes one
 * line. The ids of members and services contain their names, so that a new member or service does not change the lines
 * of the others. Traffic from the balancers to the members is drawn as one arrow, because one arrow for each balancer
 * and member would be unreadable with 16 members.
 */
export function trafficPicture({ groups, nodes, members, services, clientNames, published }: ReviewModel): string {
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
    "flowchart LR",
    ...services.flatMap(sources),
    // The client names lead to the addresses of the first group. The second group shares the load.
    ...groups.map(({ ipv4, ipv6 }, index) => node(`address${index + 1}`, [...ipv4, ...ipv6, ...clientNames], "([", "])")),
    `  subgraph balancers["${border ? "border proxies" : "balancers"}"]`,
    ...nodes.map(({ role, host, system }, index) => `  ${node(`node${index + 1}`, [role, host, system], "[", "]")}`),
    "  end",
    `  subgraph dag["${border ? "inside" : "Exchange DAG"}"]`,
    ...members.map((member, index) => `  ${node(`member_${memberIds[index]}`, border ? [member.host] : memberLines(member), "[", "]")}`),
    "  end",
    ...services.flatMap((service, index) => entriesOf(service).map((entry) => `  source_${serviceIds[index]} -->|${quoted(`${service.name} ${service.address === undefined ? "" : `${service.address}:`}${service.port}`)}| ${entry}`)),
    ...groups.flatMap(({ holder }, group) => nodes.map(({ role }, index) => `  address${group + 1} ${holder === role ? "==>" : "-.->"} node${index + 1}`)),
    ...services.flatMap(({ name, servers = [], serverPort }, index) => (servers.length === 0 ? [] : [node(`other_${serviceIds[index]}`, [name, ...servers], "[", "]"), `  balancers -->|${quoted(`${name} ${serverPort}`)}| other_${serviceIds[index]}`])),
    ...services.flatMap(({ name, memberPort }) => (memberPort === undefined ? [] : [`  balancers -->|${quoted(`${name} ${memberPort}`)}| dag`])),
  ].map((line) => `${line}\n`).join("");

  function sources(service: ReviewService, index: number): string[] {
    return [node(`source_${serviceIds[index]}`, [who(service.allow), ...service.closed.map(({ name, allow }) => `${name}: ${who(allow)}`)], "(", ")")];
  }
}

/** The names in the form that Mermaid allows in ids. All ids are different. */
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

/** The clients of a service. A long list is shown only by its first entry and the number of further entries. */
function who(allow: readonly string[] | undefined): string {
  if (allow === undefined) return "everyone";
  const [first = "", second] = allow;
  if (allow.length > 2) return `${first} and ${allow.length - 1} more`;
  return second === undefined ? first : `${first}, ${second}`;
}

function memberLines({ name, host, weight, state }: ReviewMember): readonly string[] {
  return [name, ...(host === name ? [] : [host]), state === "ready" ? `weight ${weight}` : state];
}

function node(id: string, lines: readonly string[], open: string, close: string): string {
  return `  ${id}${open}${quoted(lines.join("<br/>"))}${close}`;
}

/** Quotes a text for Mermaid, and escapes what Mermaid would interpret: entities, `#`, quotes and `%%{…}%%`. `<br/>` stays a line break. */
function quoted(text: string): string {
  const escaped = text.split("<br/>").map((line) => line.replace(/&/g, "&amp;").replace(/#/g, "#35;").replace(/%/g, "#37;").replace(/"/g, "#quot;").replace(/</g, "&lt;").replace(/>/g, "&gt;"));
  return `"${escaped.join("<br/>")}"`;
}
