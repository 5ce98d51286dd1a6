import { join } from "node:path";
import type { TerraformStack } from "cdktf";
import { HaproxyLogs, OsProfile } from "cdktf-exchange-balancer";
import { TRIGGER } from "../../lib/delivery/keys";
import { textOfLines } from "../../lib/delivery/terraform-text";
import { ReviewModel } from "../../lib/review/model";
import { trafficPicture } from "../../lib/review/mermaid";
import { openings } from "../../lib/review/openings";
import { reviewText } from "../../lib/review/review";
import { deliveries } from "../../lib/testing/host-files";
import { borderStack } from "../support/border";
import { GOLDEN, goldenCases } from "../support/golden";
import { reviewModels } from "../support/review-models";
import { Case, balancerStack } from "../support/site";
import { synthesized } from "../support/synthesized";
import { SYSTEMS } from "../support/systems";

const model = (change: Partial<ReviewModel> = {}): ReviewModel => ({
  path: "site/Mail",
  mode: "sslBridge",
  clientNames: ["mail.mydomain.local", "autodiscover.mydomain.local"],
  groups: [{ name: "EMAIL_VIP1", routerId: 233, ipv4: ["10.12.8.15/24"], ipv6: [], holder: "Master" }],
  nodes: [
    { role: "Master", host: "10.12.8.11", system: "AlmaLinux 9", sshPort: 22, vrrpAddress: "10.12.8.11", pairPort: 8405 },
    { role: "Backup", host: "10.12.8.12", system: "AlmaLinux 9", sshPort: 22, vrrpAddress: "10.12.8.12", pairPort: 8405 },
  ],
  members: [
    { name: "exch01", host: "10.12.8.21", weight: 75, state: "ready" },
    { name: "exch02", host: "10.12.8.22", weight: 25, state: "drain" },
  ],
  services: [
    { name: "HTTPS", port: 443, memberPort: 443, closed: [{ name: "/ecp", allow: ["10.8.5.0/24"] }] },
    { name: "HTTP", port: 80, closed: [] },
    { name: "smtp", port: 25, memberPort: 25, allow: ["10.8.5.17/32"], closed: [] },
  ],
  nameServers: [],
  certificates: [{ names: ["mail.mydomain.local"], expires: "2027-03-01" }],
  takeover: { planned: 7, haproxyKilled: 7, haproxyHung: 657, nodeLost: 307 },
  warnings: [],
  ...change,
});

/** The lines of the second text that the first text does not have. */
const changed = (before: string, after: string): readonly string[] => {
  const [a, b] = [before.split("\n"), after.split("\n")];
  return b.filter((line) => !a.includes(line));
};

describe("the traffic picture", () => {
  test("the traffic picture draws clients, address, nodes and members, and each service as two arrows: to the address, and to the members", () => {
    expect(trafficPicture(model())).toBe(`flowchart LR
  source_HTTPS("everyone<br/>/ecp: 10.8.5.0/24")
  source_HTTP("everyone")
  source_smtp("10.8.5.17/32")
  address1(["10.12.8.15/24<br/>mail.mydomain.local<br/>autodiscover.mydomain.local"])
  subgraph balancers["balancers"]
    node1["Master<br/>10.12.8.11<br/>AlmaLinux 9"]
    node2["Backup<br/>10.12.8.12<br/>AlmaLinux 9"]
  end
  subgraph dag["Exchange DAG"]
    member_exch01["exch01<br/>10.12.8.21<br/>weight 75"]
    member_exch02["exch02<br/>10.12.8.22<br/>drain"]
  end
  source_HTTPS -->|"HTTPS 443"| address1
  source_HTTP -->|"HTTP 80"| address1
  source_smtp -->|"smtp 25"| address1
  address1 ==> node1
  address1 -.-> node2
  balancers -->|"HTTPS 443"| dag
  balancers -->|"smtp 25"| dag
`);
  });

  test.each<[string, Partial<ReviewModel>]>([
    ["a member's weight", { members: [{ name: "exch01", host: "10.12.8.21", weight: 50, state: "ready" }, ...model().members.slice(1)] }],
    ["the virtual address", { groups: [{ name: "EMAIL_VIP1", routerId: 233, ipv4: ["10.12.8.16"], ipv6: [], holder: "Master" }] }],
    ["an allow list", { services: [...model().services.slice(0, 2), { name: "smtp", port: 25, memberPort: 25, allow: ["10.8.5.18/32"], closed: [] }] }],
    ["a node's address", { nodes: [...model().nodes.slice(0, 1), { role: "Backup", host: "10.12.8.13", system: "AlmaLinux 9", sshPort: 22 }] }],
  ])("a change of %s changes one line of the traffic picture", (_, change) => {
    expect(changed(trafficPicture(model()), trafficPicture(model(change)))).toHaveLength(1);
  });

  test("the traffic picture draws a thick arrow from each address to the node that normally holds this address", () => {
    const second = { name: "EMAIL_VIP2", routerId: 234, ipv4: ["10.12.8.16"], ipv6: ["2001:db8::16"], holder: "Backup" };
    const picture = trafficPicture(model({ groups: [...model().groups, second] }));
    expect(picture).toContain('address2(["10.12.8.16<br/>2001:db8::16<br/>');
    expect(picture).toContain("  address1 ==> node1\n  address1 -.-> node2\n  address2 -.-> node1\n  address2 ==> node2\n");
  });

  test("in the traffic picture, the arrow of a service that has an address of its own leads to the group of virtual addresses with this address", () => {
    const second = { name: "EMAIL_VIP2", routerId: 234, ipv4: ["10.12.8.16/24"], ipv6: [], holder: "Backup" };
    const picture = trafficPicture(model({ groups: [...model().groups, second], services: [{ name: "smtp_relay", port: 25, memberPort: 2526, address: "10.12.8.16", closed: [] }] }));
    expect(picture.match(/^ {2}source_\w+ -->.*$/gm)).toEqual(['  source_smtp_relay -->|"smtp_relay 10.12.8.16:25"| address2']);
  });

  test("the traffic picture of 16 members and 8 mail services has one box for each member, service, node and address", () => {
    const members = Array.from({ length: 16 }, (_, index) => ({ name: `exch${index + 1}`, host: `10.12.8.${index + 21}`, weight: 100, state: "ready" }));
    const services = Array.from({ length: 8 }, (_, index) => ({ name: `mail${index}`, port: 25 + index, memberPort: 25, closed: [] }));
    const nodes = trafficPicture(model({ members, services })).match(/^ +\w+[[(]+"/gm) ?? [];
    expect(nodes.length).toBe(16 + 8 + 2 + 1);
  });

  test("two members have separate boxes in the traffic picture even if their names differ only in punctuation", () => {
    const members = ["exch.01", "exch-01"].map((name) => ({ name, host: name, weight: 1, state: "ready" }));
    expect(trafficPicture(model({ members })).match(/member_\w+(?=\[)/g)).toEqual(["member_exch_01", "member_exch_01_2"]);
  });

  test("the traffic picture shows only one entry of a long allow list, and the number of the other entries", () => {
    const allow = ["10.0.0.1", "10.0.0.2", "10.0.0.3"];
    expect(trafficPicture(model({ services: [{ name: "smtp", port: 25, memberPort: 25, allow, closed: [] }] }))).toContain('source_smtp("10.0.0.1 and 2 more")');
  });

  test("the traffic picture escapes users' texts for Mermaid", () => {
    const name = 'x"] --> evil["<script>#quot;&%%{init: {}}%%';
    expect(trafficPicture(model({ members: [{ name, host: name, weight: 1, state: "ready" }] }))).toContain(
      'member_x_evil_script_quot_init_["x#quot;] --&gt; evil[#quot;&lt;script&gt;#35;quot;&amp;#37;#37;{init: {}}#37;#37;<br/>weight 1"]',
    );
  });
});

describe("the table of firewall openings", () => {
  test("the firewall table has an opening to each node's metrics port for the clients that may read the metrics", () => {
    const [first, second] = model().nodes;
    if (first === undefined || second === undefined) throw new Error("no nodes");
    const monitored = [{ ...first, metrics: { address: "10.9.8.11", port: 9101, allow: ["10.8.5.9", "10.8.6.0/24"] } }, second];
    expect(openings(model({ nodes: monitored }))).toContainEqual({ from: "10.8.5.9, 10.8.6.0/24", to: "10.9.8.11", port: "TCP 9101", why: "metrics" });
  });

  test("the firewall table has the openings for clients, members, VRRP, the pair port, ssh and packages, each once", () => {
    expect(openings(model()).map(({ from, to, port }) => `${from} -> ${to} ${port}`)).toEqual([
      "all clients -> 10.12.8.15 TCP 443",
      "all clients -> 10.12.8.15 TCP 80",
      "10.8.5.17/32 -> 10.12.8.15 TCP 25",
      "10.12.8.11, 10.12.8.12 -> 10.12.8.21 TCP 443",
      "10.12.8.11, 10.12.8.12 -> 10.12.8.21 TCP 25",
      "10.12.8.11, 10.12.8.12 -> 10.12.8.22 TCP 443",
      "10.12.8.11, 10.12.8.12 -> 10.12.8.22 TCP 25",
      "10.12.8.11 -> 10.12.8.12 IP protocol 112",
      "10.12.8.12 -> 10.12.8.11 IP protocol 112",
      "10.12.8.11 -> 10.12.8.12, 10.12.8.15 TCP 8405",
      "10.12.8.12 -> 10.12.8.11, 10.12.8.15 TCP 8405",
      "10.12.8.11 -> 10.12.8.12 TCP 443",
      "10.12.8.12 -> 10.12.8.11 TCP 443",
      "where Terraform runs -> 10.12.8.11 TCP 22",
      "where Terraform runs -> 10.12.8.12 TCP 22",
      "10.12.8.11, 10.12.8.12 -> the distribution's package source TCP 80 or 443",
    ]);
  });

  test("the firewall table has an opening to the syslog server, unless this server runs on the balancers themselves", () => {
    expect(openings(model({ logServer: { address: "10.8.5.20", port: 6514, tcp: true } }))).toContainEqual({ from: "10.12.8.11, 10.12.8.12", to: "10.8.5.20", port: "TCP 6514", why: "HAProxy's log" });
    expect(JSON.stringify(openings(model()))).not.toContain("log");
    const of = (address: string): ReviewModel | undefined => reviewModels(() => balancerStack({ balancer: { logs: HaproxyLogs.remote({ address }) } }).stack)[0];
    expect(of("10.8.5.20")?.logServer).toMatchObject({ address: "10.8.5.20", port: 514, tcp: false });
    expect(of("127.0.0.1")).not.toHaveProperty("logServer");
  });

  test("the firewall table has an opening to a mail service's own address", () => {
    const services = [...model().services, { name: "smtp_relay", port: 25, memberPort: 2526, address: "10.12.8.16", closed: [] }];
    const all = openings(model({ services })).map(({ from, to, port }) => `${from} -> ${to} ${port}`);
    expect(all).toContain("all clients -> 10.12.8.16 TCP 25");
    expect(all).toContain("10.12.8.11, 10.12.8.12 -> 10.12.8.21 TCP 2526");
  });

  test("if there is no virtual address, the firewall table lists the node's own address as the destination of the clients' traffic", () => {
    expect(openings(model({ groups: [], nodes: model().nodes.slice(0, 1) }))[0]?.to).toBe("10.12.8.11");
  });
});

describe("the file REVIEW.md", () => {
  test("REVIEW.md begins with the warnings, and has the DNS records, the certificate and the takeover times", () => {
    const text = reviewText("site", [model({ warnings: ["allow.ecp is not set"] })]);
    expect(text.indexOf("### Warnings\n\n- allow.ecp is not set\n")).toBeGreaterThan(0);
    expect(text.indexOf("### Warnings")).toBeLessThan(text.indexOf("### Traffic"));
    expect(text).toContain("| mail.mydomain.local | A | 10.12.8.15 |\n| autodiscover.mydomain.local | A | 10.12.8.15 |\n");
    expect(text).toContain("| mail.mydomain.local | 2027-03-01 |");
    expect(text).toContain("| the node or its link fails suddenly | 307 |");
  });

  test("reviewText() gives the same text if it is called twice with equal models", () => {
    expect(reviewText("site", [model()])).toBe(reviewText("site", [model()]));
  });
});

/** The openings that a delivery makes in the hosts' own firewalls: the "open" lines of the manifests. */
const openedOn = (stack: TerraformStack): readonly { readonly port: string; readonly from?: string }[] =>
  deliveries(synthesized(stack)).flatMap(({ triggers }) =>
    [...textOfLines(triggers[TRIGGER.manifest] ?? "").matchAll(/^open (?:tcp (\d+)|vrrp)(?: from (.*))?$/gm)].map(([, port, from]) => ({
      port: port === undefined ? "IP protocol 112" : `TCP ${port}`, ...(from === undefined ? {} : { from }),
    })));

test.each(goldenCases())("for the golden case %s, the firewall table contains every opening that a deploy makes on the hosts", async (name) => {
  const { default: site } = (await import(join(GOLDEN, name))) as { default: Case };
  const os = SYSTEMS.filter(site.on ?? (() => true)).at(-1) ?? OsProfile.DEBIAN_12;
  const { border, ...inside } = { ...site, balancer: (within: TerraformStack) => ({ ...(typeof site.balancer === "function" ? site.balancer(within) : site.balancer), os }) };
  const make = (): TerraformStack =>
    border === undefined ? balancerStack(inside).stack : borderStack({ inside, border: (within, inner) => ({ ...(typeof border === "function" ? border(within, inner) : border), os }) }).stack;
  const rows = reviewModels(make).flatMap(openings);
  const opened = openedOn(make());
  expect(opened.length).toBeGreaterThan(0);
  expect(opened.filter(({ port, from }) => !rows.some((row) => row.port === port && (from === undefined || row.from.includes(from))))).toEqual([]);
});
