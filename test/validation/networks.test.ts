import { canonicalHost, networkOf, NetworkMap, networkText, overlap } from "../../lib/validation/networks";

test.each([
  ["2001:DB8::15", "2001:db8::15"],
  ["2001:db8:0::15", "2001:db8::15"],
  ["2001:0db8:0000:0000:0000:0000:0000:0015", "2001:db8::15"],
  ["::FFFF:10.1.1.1", "10.1.1.1"],
  ["::ffff:a01:101", "10.1.1.1"],
  ["0:0:0:0:0:ffff:10.1.1.1", "10.1.1.1"],
  ["10.1.1.1", "10.1.1.1"],
  ["LB01.Local", "lb01.local"],
  ["::", "::"],
])("the address %s has the canonical spelling %s", (host, canonical) => expect(canonicalHost(host)).toBe(canonical));

test.each([
  ["10.12.9.15/23", 24, "10.12.8.0/23"],
  ["10.12.9.15", 24, "10.12.9.0/24"],
  ["255.255.255.255/32", 24, "255.255.255.255/32"],
  ["192.0.2.1/1", 24, "128.0.0.0/1"],
])("networkOf() gives the network of the address %s", (address, assumed, text) => expect(networkText(networkOf(address, assumed))).toBe(text));

test.each([
  ["10.12.8.0/23", "10.12.9.0/24", true],
  ["10.12.8.0/24", "10.12.9.0/24", false],
  ["10.0.0.0/8", "10.255.0.0/16", true],
  ["128.0.0.0/1", "127.0.0.0/8", false],
])("overlap() of the networks %s and %s gives %s, in both orders", (one, other, expected) => {
  expect(overlap(networkOf(one, 24), networkOf(other, 24))).toBe(expected);
  expect(overlap(networkOf(other, 24), networkOf(one, 24))).toBe(expected);
});

test("NetworkMap finds exactly the values whose networks overlap with the given network", () => {
  const map = new NetworkMap<string>();
  for (const network of ["10.12.8.0/24", "10.12.8.0/24", "10.12.9.0/24", "10.12.0.0/16", "10.12.8.15/32", "10.13.8.0/24"]) map.add(networkOf(network, 24), network);
  const found = (network: string): string[] => [...map.overlapping(networkOf(network, 24))].sort();
  expect(found("10.12.8.7/24")).toEqual(["10.12.0.0/16", "10.12.8.0/24", "10.12.8.0/24", "10.12.8.15/32"]);
  expect(found("10.12.9.1/32")).toEqual(["10.12.0.0/16", "10.12.9.0/24"]);
  expect(found("10.12.0.0/15")).toEqual(["10.12.0.0/16", "10.12.8.0/24", "10.12.8.0/24", "10.12.8.15/32", "10.12.9.0/24", "10.13.8.0/24"]);
  expect(found("192.0.2.1")).toEqual([]);
});
