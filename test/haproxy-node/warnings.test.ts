import { BalancingMode, SshAccess } from "cdktf-exchange-balancer";
import { Case, balancerStack, synth } from "../support/site";

describe("a deploy warns of", () => {
  const warnings = (site: Case): string[] => {
    const { balancer } = balancerStack(site);
    return balancer.master.node.metadata.filter(({ type }) => type === "@cdktf/warn").map(({ data }) => String(data));
  };

  test("nothing in the article's balancer with pinned host keys", () => {
    expect(warnings({})).toEqual([]);
  });

  test("an entry that an allow list repeats", () => {
    expect(warnings({ balancer: { allow: { smtp: ["10.8.5.17/32", "10.8.5.17/32"], ecp: ["::1"] } } })).toEqual([
      "allow.smtp has 10.8.5.17/32 more than once [Stack/Mail/Master]",
    ]);
  });

  test("lists that are left out, and a host key that is not pinned", () => {
    expect(warnings({ balancer: { allow: {}, master: { host: "10.12.8.11" } } })).toEqual([
      "hostKey is not set, so the node's certificate and passwords go to whoever answers at its address [Stack/Mail/Master]",
      "allow.smtp is not set, so everyone may send by SMTP, and to Exchange all of them have the balancer's address [Stack/Mail/Master]",
      "allow.ecp is not set, so everyone may open the Exchange admin center [Stack/Mail/Master]",
    ]);
  });

  test("a pinned key behind a bastion", () => {
    expect(warnings({ balancer: { ssh: SshAccess.agent({ bastion: { host: "10.12.8.1" } }) } })).toEqual([
      "ssh.bastion.hostKey is not set, but hostKey is: Terraform before 1.16 and OpenTofu then check the bastion against the node's keys and do not connect [Stack/Mail/Master]",
    ]);
  });

  test("path lists in TCP mode", () => {
    expect(warnings({ balancer: { mode: BalancingMode.tcp() } })).toEqual([
      "allow.ecp and allow.owa has no effect in TCP mode, where no request is read [Stack/Mail/Master]",
    ]);
  });
});

test("synthesizes what it does not refuse", () => {
  expect(synth(balancerStack().stack)).toContain("exch01.mydomain.local:443 weight 75 check");
});
