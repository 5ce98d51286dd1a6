import { knownHosts } from "../../lib/delivery/known-hosts";

const [ecdsa, rsa, ed25519] = [
  `ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABB${"B".repeat(87)}=`,
  `ssh-rsa AAAAB3NzaC1yc2EAAAA${"D".repeat(149)}`,
  `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${"E".repeat(43)}`,
];

/** The first line that knownHosts() returns, if a scan of the node and the bastion found these keys in this order. */
const first = (node: readonly string[], bastion?: readonly string[]): string => {
  const known = (host: string, keys: readonly string[]): { host: string; port: number; keys: string } => ({ host, port: 22, keys: keys.join("\n") });
  const [line = ""] = knownHosts(known("node", node), bastion === undefined ? undefined : known("jump", bastion)).split("\n");
  return line;
};

test("without a bastion, a node's host keys are written in the order in which they were scanned", () => {
  for (const one of [ecdsa, rsa, ed25519]) expect(first([one, ecdsa, rsa, ed25519])).toBe(one);
});

// With a bastion, Terraform checks both hosts against the first line. If both hosts present a key of this line's type, one
// check fails. So the line is a node's key of a type that the bastion does not present, or else a bastion's key of a type
// that the node does not present.
test.each([
  ["the node's rsa key if both hosts have ecdsa, rsa and ed25519 keys, and each scan found ecdsa first", [ecdsa, rsa, ed25519], [ecdsa, rsa, ed25519], rsa],
  ["the node's ed25519 key if both hosts have ecdsa, rsa and ed25519 keys, and the node's scan found ed25519 first", [ed25519, ecdsa, rsa], [rsa, ed25519, ecdsa], ed25519],
  ["the node's ecdsa key if the bastion has no ecdsa key and presents its rsa key", [rsa, ecdsa, ed25519], [ed25519, rsa], ecdsa],
  ["the node's rsa key if the bastion has only an ed25519 key", [ed25519, rsa], [ed25519], rsa],
  ["the bastion's rsa key if the node has only an ecdsa key, and the bastion has an ecdsa and an rsa key", [ecdsa], [ecdsa, rsa], rsa],
  ["the node's ecdsa key if both hosts have only an ecdsa key (Terraform before 1.16 and OpenTofu then reject the bastion, because the bastion presents another ecdsa key)", [ecdsa], [ecdsa], ecdsa],
])("with a bastion, the first line of the known hosts is %s", (_, node, bastion, expected) => expect(first(node, bastion)).toBe(expected));

test("each line of the known hosts after the first begins with a host's name, even if the line has the same key as the first line", () => {
  const text = knownHosts({ host: "node", port: 2222, keys: ecdsa }, { host: "jump", port: 22, keys: `${ecdsa}\n${rsa}` });
  expect(text.split("\n")).toEqual([rsa, `[node]:2222 ${ecdsa}`, `jump ${ecdsa}`, `jump ${rsa}`]);
});
