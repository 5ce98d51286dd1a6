import { BalancingMode, DagMember, MailProtocol, MemberState, SshAccess, VirtualDirectory } from "cdktf-exchange-balancer";
import { Case, ECDSA_HOST_KEY, HOST_KEY, balancerStack, synth } from "../support/site";

describe("the warnings of a node", () => {
  const warnings = (site: Case): string[] => {
    const { balancer } = balancerStack(site);
    return balancer.master.node.metadata.filter(({ type }) => type === "@cdktf/warn").map(({ data }) => String(data));
  };

  test("a balancer with pinned host keys and allow lists has no warning", () => {
    expect(warnings({})).toEqual([]);
  });

  test("a node warns of an entry that is twice in an allow list", () => {
    expect(warnings({ balancer: { allow: { smtp: ["10.8.5.17/32", "10.8.5.17/32"], ecp: ["::1"] } } })).toEqual([
      "allow.smtp has 10.8.5.17/32 more than once [Stack/Mail/Master]",
    ]);
  });

  test("a node warns of missing allow lists, and of a host key that is not pinned", () => {
    expect(warnings({ balancer: { allow: {}, master: { host: "10.12.8.11" } } })).toEqual([
      "hostKey is not set, so any machine that answers at the node's address would receive the node's certificate and passwords [Stack/Mail/Master]",
      "allow.smtp is not set, so everyone may send by SMTP; without transparentProxy, Exchange sees the balancer's address for all clients [Stack/Mail/Master]",
      "allow.ecp is not set, so everyone may open the Exchange admin center [Stack/Mail/Master]",
    ]);
  });

  test("a node warns if mail can use up the connections of HTTPS", () => {
    const of = (maxconn: number): Case => ({ dag: { mailProtocols: [MailProtocol.smtp({ maxconn, allow: ["10.8.5.17"] }), MailProtocol.imap()] }, balancer: { allow: { ecp: ["10.8.5.0/24"] } } });
    expect(warnings(of(2000))).toEqual([]);
    expect(warnings(of(2001))).toEqual(["the mail services have a maxconn of 3001 together, but the node has a maxconn of 4000, so mail can use up the connections of HTTPS [Stack/Mail/Master]"]);
  });

  test.each<[string, readonly Partial<DagMember>[], number, string]>([
    ["two members", [{}, {}], 28_232, " while one member is down"],
    ["three members", [{}, {}, {}], 56_464, " while one member is down"],
    ["one member", [{}], 28_232, ""],
    ["two members, and two with backup: true,", [{}, {}, { backup: true }, { backup: true }], 28_232, " while one member is down"],
    ["one member that serves, one that is drained and one in maintenance", [{}, { state: MemberState.DRAIN }, { state: MemberState.MAINTENANCE }], 28_232, ""],
  ])("a node with %s warns if maxconn allows more connections than there are source ports", (_, members, most, when) => {
    const of = (maxconn: number): Case => ({
      dag: { mailProtocols: [], members: members.map((member, index) => ({ name: `exch0${index + 1}`, host: `10.12.8.2${index + 1}`, ...member })) },
      balancer: { maxconn, allow: { ecp: ["10.8.5.0/24"] } },
    });
    const ports = (text: string): boolean => text.includes("source ports");
    expect(warnings(of(most)).filter(ports)).toEqual([]);
    expect(warnings(of(most + 1)).filter(ports)).toEqual([
      `maxconn leaves HTTPS ${most + 1} connections, but a balancer has only 28232 source ports to each member, so connections beyond ${most} fail${when}. Widen net.ipv4.ip_local_port_range on the nodes, or add members [Stack/Mail/Master]`,
    ]);
  });

  test("a node warns if its host key is pinned and its bastion's host key is not", () => {
    expect(warnings({ balancer: { ssh: SshAccess.agent({ bastion: { host: "10.12.8.1" } }) } })).toEqual([
      "ssh.bastion.hostKey is not set, but hostKey is: Terraform before 1.16 and OpenTofu then check the bastion against the node's keys and do not connect [Stack/Mail/Master]",
    ]);
  });

  test("a node warns if the node and its bastion each have only one pinned key, of the same type", () => {
    const through = (hostKey: string, own: string): string[] =>
      warnings({ balancer: { ssh: SshAccess.agent({ bastion: { host: "10.12.8.1", hostKey } }), master: { host: "10.12.8.11", hostKey: own } } }).filter((text) => text.includes("of only one type"));
    expect(through(ECDSA_HOST_KEY, ECDSA_HOST_KEY)).toEqual([
      "hostKey and ssh.bastion.hostKey have keys of only one type: Terraform before 1.16 and OpenTofu then expect the node's key from the bastion and do not connect. Set both to all lines that ssh-keyscan prints [Stack/Mail/Master]",
    ]);
    expect(through(HOST_KEY, ECDSA_HOST_KEY)).toEqual([]);
    expect(through(ECDSA_HOST_KEY, HOST_KEY)).toEqual([]);
  });

  test("a node warns of each SMTP service, admin center and PowerShell directory without an allow list, and of no other service", () => {
    const dag: Case["dag"] = {
      mailProtocols: [
        MailProtocol.smtp({ allow: ["10.0.0.1"] }), MailProtocol.smtp({ port: 2525 }), MailProtocol.submission({ port: 25, address: "10.12.8.15" }),
        MailProtocol.submission({ memberPort: 25 }), MailProtocol.imap(), MailProtocol.pop3({ port: 1110 }),
      ],
      virtualDirectories: [VirtualDirectory.of("/EcP"), VirtualDirectory.of("/powershell"), VirtualDirectory.of("/PowerShell-LiveID"), VirtualDirectory.ews(), VirtualDirectory.of("/api")],
    };
    const smtp = (name: string): string => `${name} has no allow list, so everyone may send by SMTP; without transparentProxy, Exchange sees the balancer's address for all clients [Stack/Mail/Master]`;
    expect(warnings({ dag, balancer: { allow: {} } })).toEqual([
      smtp("smtp_2525"), smtp("submission_25"), smtp("submission"),
      "allow.ecp is not set, so everyone may open the Exchange admin center [Stack/Mail/Master]",
      "/PowerShell has no allow list, so everyone may try to administer Exchange [Stack/Mail/Master]",
      "/PowerShell-LiveID has no allow list, so everyone may try to administer Exchange [Stack/Mail/Master]",
    ]);
    expect(warnings({ dag, balancer: { mode: BalancingMode.tcp(), allow: { smtp: ["10.0.0.2"] } } })).toEqual([]);
  });
});

test("the default test site synthesizes without an error", () => {
  expect(synth(balancerStack().stack)).toContain("exch01.mydomain.local:443 weight 75 check");
});
