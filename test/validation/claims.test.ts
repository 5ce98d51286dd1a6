import { BalancingMode, ExchangeBalancer, ExchangeBalancerProps, ExchangeDag, Failover, KeepalivedPair, OsProfile, SshAccess } from "cdktf-exchange-balancer";
import { ARTICLE_DAG, balancerStack } from "../support/site";

describe("conflicts between two pairs of one app", () => {
  const site = (virtualAddress: string, virtualRouterId: number): Partial<ExchangeBalancerProps> => ({
    virtualAddresses: [virtualAddress],
    virtualRouterId,
    failover: Failover.fast(),
  });
  const beside = (one: string, two: string, routerId = 1, more: Partial<ExchangeBalancerProps> = {}, first: Partial<ExchangeBalancerProps> = {}): KeepalivedPair => {
    const network = two.slice(0, two.lastIndexOf("."));
    const { stack } = balancerStack({ balancer: { ...site(one, 1), ...first } });
    return new ExchangeBalancer(stack, "Other", {
      dag: new ExchangeDag(stack, "OtherDag", ARTICLE_DAG),
      mode: BalancingMode.tcp(),
      os: OsProfile.DEBIAN_12,
      ssh: SshAccess.agent(),
      interface: "eth0",
      master: { host: `${network}.21` },
      backup: { host: `${network}.22` },
      ...site(two, routerId),
      virtualAddresses: [two],
      virtualRouterId: routerId,
      ...more,
    }).vip;
  };
  const warned = (pair: KeepalivedPair): string[] => pair.node.metadata.map(({ data }) => String(data));

  test("two pairs with the same router id in the same network are refused", () => {
    expect(() => beside("10.12.8.15/23", "10.12.9.15/23")).toThrow(
      "virtualRouterId must be different from the router id of Stack/Mail/Vip in the same network (10.12.8.0/23), got 1 for both [Stack/Other/Vip]",
    );
  });

  test("two pairs with the same router id get a warning if their networks are possibly the same", () => {
    expect(warned(beside("10.12.8.15", "10.12.8.16"))).toEqual([
      expect.stringContaining("virtualRouterId must be different from the router id of Stack/Mail/Vip in the same network (10.12.8.0/24), got 1 for both"),
    ]);
  });

  test("two pairs with the same router id in different networks, or different router ids in the same network, are accepted", () => {
    expect(warned(beside("10.12.8.15/24", "10.12.9.15/24"))).toEqual([]);
    expect(warned(beside("10.12.8.15/24", "10.12.8.16/24", 2))).toEqual([]);
  });

  test("two pairs with the same virtual address are refused", () => {
    expect(() => beside("10.12.8.15", "10.12.8.15/24", 2)).toThrow(
      'virtualAddresses must differ from the virtual addresses of Stack/Mail/Vip, got "10.12.8.15" for both [Stack/Other/Vip]',
    );
  });

  test("two pairs with the same router id get a warning if their networks overlap", () => {
    for (const [one, two] of [["10.12.8.15/23", "10.12.9.15"], ["10.12.9.15", "10.12.8.15/23"], ["10.12.8.15/16", "10.12.9.15/24"]] as const) {
      expect(warned(beside(one, two))).toEqual([expect.stringContaining("virtualRouterId must be different from the router id of Stack/Mail/Vip")]);
    }
  });

  test("two pairs with the same router id are refused if each pair has several networks and at least one of these networks is known to be common to both pairs", () => {
    const first = { virtualAddresses: ["10.12.8.15", "10.12.10.15/24"] };
    expect(() => beside("", "10.12.8.16", 1, { virtualAddresses: ["10.12.8.16", "10.12.10.16/24"] }, first)).toThrow("in the same network (10.12.10.0/24), got 1 for both");
  });

  test("two pairs with the same IPv6 address in different spellings are refused", () => {
    const more = { virtualIpv6Addresses: ["2001:db8:0:0::15/64"] };
    const first = { virtualIpv6Addresses: ["2001:DB8::15"] };
    expect(() => beside("10.12.8.15/24", "10.12.9.15/24", 2, more, first)).toThrow(
      new Error('virtualIpv6Addresses must differ from the virtual addresses of Stack/Mail/Vip, got "2001:db8:0:0::15" for both [Stack/Other/Vip]'),
    );
  });

  test("a pair is refused if an address in its prop activeActive is another pair's virtual address, and the message names this prop", () => {
    const more = { activeActive: { virtualAddresses: ["10.12.8.15"], virtualRouterId: 7 } };
    expect(() => beside("10.12.8.15/24", "10.12.9.15/24", 2, more)).toThrow(
      new Error('activeActive.virtualAddresses must differ from the virtual addresses of Stack/Mail/Vip, got "10.12.8.15" for both [Stack/Other/Vip]'),
    );
  });

  test("if the virtual address of one pair is the host of a node in another pair, the pair that is created later is refused", () => {
    expect(() => beside("10.12.8.15/24", "10.12.8.11", 2)).toThrow(
      new Error('virtualAddresses must be different from the host of Stack/Mail/Master, got "10.12.8.11" [Stack/Other/Vip]'),
    );
    expect(() => beside("10.12.9.21", "10.12.9.15", 2)).toThrow(
      new Error('host must be different from the virtual addresses of Stack/Mail/Vip, got "10.12.9.21" [Stack/Other/Master]'),
    );
  });

  test("the same pair in two apps is accepted", () => {
    balancerStack();
    expect(() => balancerStack()).not.toThrow();
  });
});
