import { ExchangeBalancerProps } from "cdktf-exchange-balancer";
import { Case, balancerStack, synth, variable } from "../support/site";

const members = (...hosts: string[]): Case["dag"] => ({ members: hosts.map((host, index) => ({ name: `exch0${index + 1}`, host })) });
const pair = (balancer: Partial<ExchangeBalancerProps>): Partial<ExchangeBalancerProps> => balancer;

test.each<[string, Case, string]>([
  ["a member whose host is the balancer's own address", { dag: members("10.12.8.21", "10.12.8.11") }, 'host must be different from the host of the DAG\'s members[1], got "10.12.8.11" [Stack/Mail/Master]'],
  ["a member on a loopback address", { dag: members("127.0.0.1") }, 'members[0].host must be a DNS name or a unicast IP address, not loopback or link-local, without leading zeros, got "127.0.0.1" [Stack/Dag]'],
  ["a member whose host is localhost", { dag: members("localhost") }, 'members[0].host must be a DNS name or a unicast IP address, not loopback or link-local, without leading zeros, got "localhost" [Stack/Dag]'],
  ["two members with the same host in different spellings", { dag: members("2001:db8::1", "2001:DB8:0::1") }, 'members\' host must be different for each entry, got 2001:DB8:0::1 twice [Stack/Dag]'],
  ["a virtual address that is a member's address", { dag: members("10.12.8.21"), balancer: pair({ virtualAddresses: ["10.12.8.15", "10.12.8.21/24"] }) }, 'virtualAddresses[1] must be different from the host of the DAG\'s members[0], got "10.12.8.21/24" [Stack/Mail/Vip]'],
  ["a virtual address that is the node's own address", { balancer: pair({ virtualAddresses: ["10.12.8.12/24"] }) }, "virtualAddresses and the nodes' own addresses must be different for each entry, got 10.12.8.12/24 twice [Stack/Mail/Vip]"],
  [
    "a virtual address that is also a node's VRRP address",
    { balancer: pair({ masterVrrpAddress: "10.12.8.15", virtualAddresses: ["10.12.8.15"] }) },
    'masterVrrpAddress must be different from virtualAddresses[0], got "10.12.8.15" [Stack/Mail/Vip]',
  ],
  [
    "a node whose host is outside the virtual address's network, and that has no VRRP address",
    { balancer: pair({ virtualAddresses: ["198.51.100.15/24"] }) },
    'masterVrrpAddress must be in the network of a virtual address (198.51.100.15/24); the default is the node\'s host, got "10.12.8.11" [Stack/Mail/Vip]',
  ],
  [
    "a VRRP address outside the network of the only virtual address",
    { balancer: pair({ virtualAddresses: ["10.12.8.14/28"], masterVrrpAddress: "10.12.8.11", backupVrrpAddress: "10.12.8.17" }) },
    'backupVrrpAddress must be in the network of a virtual address (10.12.8.14/28); the default is the node\'s host, got "10.12.8.17" [Stack/Mail/Vip]',
  ],
  [
    "a node whose host is outside the networks of all virtual addresses, and that has no VRRP address",
    { balancer: pair({ virtualAddresses: ["10.12.9.15/24", "198.51.100.15/24"] }) },
    'masterVrrpAddress must be in the network of a virtual address (10.12.9.15/24, 198.51.100.15/24); the default is the node\'s host, got "10.12.8.11" [Stack/Mail/Vip]',
  ],
  ["the loopback interface lo as the interface of the virtual address", { balancer: pair({ interface: "lo" }) }, 'interface must be a network interface such as ens192, but not lo, with a name of at most 15 characters, got "lo" [Stack/Mail/Vip]'],
])("synthesis refuses %s", (_, site, message) => {
  expect(() => balancerStack(site)).toThrow(new Error(message));
});

test("if hosts and addresses are tokens, Terraform checks that they differ, with the same error messages as synthesis", () => {
  const { stack } = balancerStack({
    balancer: (within) => ({ virtualAddresses: [variable(within, "vip")], masterVrrpAddress: variable(within, "vrrp") }),
  });
  const text = synth(stack);
  for (const message of [
    "masterVrrpAddress must be in the network of a virtual address (see its value); the default is the node's host [Stack/Mail/Vip]",
    "virtualAddresses[0] must be different from the host of the DAG's members[0] [Stack/Mail/Vip]",
  ]) {
    expect(text).toContain(message);
  }
});

test("a virtual address may lie outside the nodes' network if it has no prefix length or the prefix length /32", () => {
  for (const address of ["198.51.100.15", "198.51.100.15/32"]) expect(() => balancerStack({ balancer: pair({ virtualAddresses: [address] }) })).not.toThrow();
});

test("a pair may have virtual addresses in several networks if its VRRP addresses lie in one of these networks", () => {
  expect(() => balancerStack({ balancer: pair({ virtualAddresses: ["198.51.100.15/24", "10.12.8.15/24"] }) })).not.toThrow();
});
