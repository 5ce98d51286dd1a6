import { trafficPicture } from "./mermaid";
import { ReviewModel } from "./model";
import { openings } from "./openings";

/** REVIEW.md of one stack: the same text for the same stack, byte for byte. */
export function reviewText(stack: string, models: readonly ReviewModel[]): string {
  return [
    `# ${stack}`,
    "Written by `npx cdktf-exchange-balancer show`. Read it beside the hosts' files in this folder.",
    ...models.flatMap((model) => [`## ${model.path}`, ...sections(model)]),
  ].join("\n\n").concat("\n");
}

function sections(model: ReviewModel): readonly string[] {
  const { groups, certificates, takeover, warnings, clientNames } = model;
  return [
    ...(warnings.length === 0 ? [] : ["### Warnings", warnings.map((text) => `- ${text}`).join("\n")]),
    "### Traffic",
    `\`\`\`mermaid\n${trafficPicture(model)}\`\`\``,
    "### DNS records to order",
    groups.length === 0
      ? "None: this node has no virtual address."
      : table(["name", "type", "value"], [...clientNames, ...model.services.flatMap(({ hosts = [] }) => hosts)].flatMap((name) => groups.flatMap(({ ipv4, ipv6 }) => [
          ...ipv4.map((address) => [name, "A", bare(address)]), ...ipv6.map((address) => [name, "AAAA", bare(address)]),
        ]))),
    ...(groups.length === 0 ? [] : ["A records, not CNAMEs: Kerberos asks for the name that a CNAME leads to."]),
    "### Firewall openings to order",
    table(["from", "to", "port", "why"], openings(model).map(({ from, to, port, why }) => [from, to, port, why])),
    ...(certificates.length === 0
      ? []
      : ["### Certificates", table(["names", "expires"], certificates.map(({ names, expires }) => [names.join(", "), expires ?? "not read at synthesis"]))]),
    ...(takeover === undefined
      ? []
      : [
          "### How long the address is away, at most",
          table(["what happens", "ms"], [
            ["keepalived is stopped, or the node shuts down in order", String(takeover.planned)],
            ["haproxy is stopped, killed or crashes", String(takeover.haproxyKilled)],
            ["the node or its link is lost", String(takeover.nodeLost)],
            ["haproxy hangs", String(takeover.haproxyHung)],
          ]),
        ]),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replace(/[|]/g, "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function bare(address: string): string {
  return address.replace(/[/]\d+$/, "");
}
