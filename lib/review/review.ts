import { trafficPicture } from "./mermaid";
import { ReviewModel } from "./model";
import { openings } from "./openings";

/** REVIEW.md of one stack. The same stack always gives the same text, byte for byte. */
export function reviewText(stack: string, models: readonly ReviewModel[]): string {
  return [
    `# ${stack}`,
    "Written by `npx cdktf-exchange-balancer show`. Read this file together with the hosts' files in this folder.",
    ...models.flatMap((model) => [`## ${model.path}`, ...sections(model)]),
  ].join("\n\n").concat("\n");
}

function sections(model: ReviewModel): readonly string[] {
  const { groups, certificates, takeover, warnings, published } = model;
  return [
    ...(warnings.length === 0 ? [] : ["### Warnings", warnings.map((text) => `- ${text}`).join("\n")]),
    "### Traffic",
    `\`\`\`mermaid\n${trafficPicture(model)}\`\`\``,
    ...(published === undefined
      ? []
      : [
          "### What is published to the outside",
          table(["for", "paths and ports", "who may use it"], published.map(({ name, what, allow }) => [name, what.join(", "), allow?.join(", ") ?? "everyone"])),
          model.mode === "tcp"
            ? "Connections for other names are closed. The servers inside decide which paths are refused."
            : "Everything else stays inside. Requests for other paths and for other names get 404.",
        ]),
    published === undefined ? "### DNS records to request" : "### DNS records to request for the public zone",
    records(model),
    ...(groups.length === 0 ? [] : ["Use A records, not CNAMEs, because Kerberos would use the target name of a CNAME."]),
    "### Firewall openings to request",
    table(["from", "to", "port", "why"], openings(model).map(({ from, to, port, why }) => [from, to, port, why])),
    ...(certificates.length === 0
      ? []
      : ["### Certificates", table(["names", "expires"], certificates.map(({ names, expires }) => [names.join(", "), expires ?? "not read at synthesis"]))]),
    ...(takeover === undefined
      ? []
      : [
          "### Longest outage of a virtual address",
          table(["what happens", "ms"], [
            ["keepalived is stopped, or the node shuts down normally", String(takeover.planned)],
            ["haproxy stops, is killed, or crashes", String(takeover.haproxyKilled)],
            ["the node or its link fails suddenly", String(takeover.nodeLost)],
            ["haproxy hangs", String(takeover.haproxyHung)],
          ]),
        ]),
  ];
}

/**
 * The DNS records to request. A border proxy without a pair has no virtual address, so its records contain the node's own
 * address. If the clients come through NAT, the records need a different address.
 */
function records({ groups, nodes, published, clientNames, services }: ReviewModel): string {
  if (groups.length === 0 && published === undefined) return "None: this node has no virtual address.";
  const addresses =
    groups.length === 0
      ? nodes.map(({ host }) => ["A", host])
      : groups.flatMap(({ ipv4, ipv6 }) => [...ipv4.map((address) => ["A", bare(address)]), ...ipv6.map((address) => ["AAAA", bare(address)])]);
  return table(["name", "type", "value"], [...clientNames, ...services.flatMap(({ hosts = [] }) => hosts)].flatMap((name) => addresses.map((address) => [name, ...address])));
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replace(/[|]/g, "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function bare(address: string): string {
  return address.replace(/[/]\d+$/, "");
}
