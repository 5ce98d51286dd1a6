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

  test("a node warns of an entry that an allow list contains twice", () => {
    expect(warnings({ balancer: { allow: { smtp: ["10.8.5.17/32", "10.8.5.17/32"], ecp: ["::1"] } } })).toEqual([
      "allow.smtp has 10.8.5.17/32 more than once [Stack/Mail/Master]",
    ]);
  });

  test("a node warns if an allow list is missing, and if the node's host key is not pinned", () => {
    expect(warnings({ balancer: { allow: {}, master: { host: "10.12.8.11" } } })).toEqual([
      "hostKey is not set, so any machine that answers at the node's address would receive the node's certificate and passwords [Stack/Mail/Master]",
      "allow.smtp is not set, so every client can send by SMTP. Without transparentProxy, Exchange cannot restrict clients by address either: Exchange sees the balancer's address for every client [Stack/Mail/Master]",
      "allow.ecp is not set, so everyone may open the Exchange admin center [Stack/Mail/Master]",
    ]);
  });

  test("a node warns if mail can use up the connections of HTTPS", () => {
    const of = (maxconn: number): Case => ({ dag: { mailProtocols: [MailProtocol.smtp({ maxconn, allow: ["10.8.5.17"] }), MailProtocol.imap()] }, balancer: { allow: { ecp: ["10.8.5.0/24"] } } });
    expect(warnings(of(2000))).toEqual([]);
    expect(warnings(of(2001))).toEqual(["maxconn of all mail services together is 3001, but maxconn of the node is 4000, so mail can use up the connections of HTTPS [Stack/Mail/Master]"]);
  });

  test.each<[string, readonly Partial<DagMember>[], number, string]>([
    ["two members", [{}, {}], 28_232, " while one member is down"],
    ["three members", [{}, {}, {}], 56_464, " while one member is down"],
    ["one member", [{}], 28_232, ""],
    ["two ordinary members and two members with backup: true", [{}, {}, { backup: true }, { backup: true }], 28_232, " while one member is down"],
    ["one serving member, one drained member and one member in maintenance", [{}, { state: MemberState.DRAIN }, { state: MemberState.MAINTENANCE }], 28_232, ""],
  ])("a node with %s warns if maxconn is larger than the number of connections to the serving members for which the node has source ports; if several members serve, this number is calculated with one member fewer", (_, members, most, when) => {
    const of = (maxconn: number): Case => ({
      dag: { mailProtocols: [], members: members.map((member, index) => ({ name: `exch0${index + 1}`, host: `10.12.8.2${index + 1}`, ...member })) },
      balancer: { maxconn, allow: { ecp: ["10.8.5.0/24"] } },
    });
    const ports = (text: string): boolean => text.includes("source ports");
    expect(warnings(of(most)).filter(ports)).toEqual([]);
    expect(warnings(of(most + 1)).filter(ports)).toEqual([
      `maxconn allows ${most + 1} connections for HTTPS, but a balancer has only 28232 source ports for each member. So connections beyond ${most} fail${when}. Widen net.ipv4.ip_local_port_range on the nodes, or add members [Stack/Mail/Master]`,
    ]);
  });

  test("a node warns if the host key of the node is pinned and the host key of the node's bastion is not pinned", () => {
    expect(warnings({ balancer: { ssh: SshAccess.agent({ bastion: { host: "10.12.8.1" } }) } })).toEqual([
      "hostKey is set, but ssh.bastion.hostKey is not set. OpenTofu, and Terraform before 1.16, then check the bastion against the node's keys, and do not connect [Stack/Mail/Master]",
    ]);
  });

  test("a node warns if all keys in its hostKey and in its bastion's hostKey have the same type", () => {
    const through = (hostKey: string, own: string): string[] =>
      warnings({ balancer: { ssh: SshAccess.agent({ bastion: { host: "10.12.8.1", hostKey } }), master: { host: "10.12.8.11", hostKey: own } } }).filter((text) => text.includes("same type"));
    expect(through(ECDSA_HOST_KEY, ECDSA_HOST_KEY)).toEqual([
      "all keys in hostKey and ssh.bastion.hostKey have the same type. OpenTofu, and Terraform before 1.16, then expect the node's key from the bastion, and do not connect. Set each of the two props to all lines that ssh-keyscan prints [Stack/Mail/Master]",
    ]);
    expect(through(HOST_KEY, ECDSA_HOST_KEY)).toEqual([]);
    expect(through(ECDSA_HOST_KEY, HOST_KEY)).toEqual([]);
  });

  test("a node warns of SMTP, submission, /ecp and /PowerShell without an allow list, but not of other services", () => {
    const dag: Case["dag"] = {
      mailProtocols: [
        MailProtocol.smtp({ allow: ["10.0.0.1"] }), MailProtocol.smtp({ port: 2525 }), MailProtocol.submission({ port: 25, address: "10.12.8.15" }),
        MailProtocol.submission({ memberPort: 25 }), MailProtocol.imap(), MailProtocol.pop3({ port: 1110 }),
      ],
      virtualDirectories: [VirtualDirectory.of("/EcP"), VirtualDirectory.of("/powershell"), VirtualDirectory.of("/PowerShell-LiveID"), VirtualDirectory.ews(), VirtualDirectory.of("/api")],
    };
    const smtp = (name: string): string => `${name} has no allow list, so every client can send by SMTP. Without transparentProxy, Exchange cannot restrict clients by address either: Exchange sees the balancer's address for every client [Stack/Mail/Master]`;
    expect(warnings({ dag, balancer: { allow: {} } })).toEqual([
      smtp("smtp_2525"), smtp("submission_25"), smtp("submission"),
      "allow.ecp is not set, so everyone may open the Exchange admin center [Stack/Mail/Master]",
      "/PowerShell has no allow list, so everyone may try to administer Exchange [Stack/Mail/Master]",
      "/PowerShell-LiveID has no allow list, so everyone may try to administer Exchange [Stack/Mail/Master]",
    ]);
    expect(warnings({ dag, balancer: { mode: BalancingMode.tcp(), allow: { smtp: ["10.0.0.2"] } } })).toEqual([]);
  });
});

test("balancerStack(), the site of most tests, passes all validations at synthesis", () => {
  expect(synth(balancerStack().stack)).toContain("exch01.mydomain.local:443 weight 75 check");
});
