import { knownHosts } from "../../lib/delivery/known-hosts";

const [ecdsa, rsa, ed25519] = [
  `ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABB${"B".repeat(87)}=`,
  `ssh-rsa AAAAB3NzaC1yc2EAAAA${"D".repeat(149)}`,
  `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${"E".repeat(43)}`,
];

/** Which key of which host stands first, for both hosts: the node's keys and the bastion's, in the order that they were scanned. */
const first = (node: readonly string[], bastion?: readonly string[]): string => {
  const known = (host: string, keys: readonly string[]): { host: string; port: number; keys: string } => ({ host, port: 22, keys: keys.join("\n") });
  const [line = ""] = knownHosts(known("node", node), bastion === undefined ? undefined : known("jump", bastion)).split("\n");
  return line;
};

test("a node's host keys are written in the order in which they were scanned", () => {
  for (const one of [ecdsa, rsa, ed25519]) expect(first([one, ecdsa, rsa, ed25519])).toBe(one);
});

// With a bastion the first line stands for both: of the kind that one of them shows, it would be the other's wrong key.
test.each([
  ["both hosts have ecdsa, rsa and ed25519 keys, scanned with ecdsa first", [ecdsa, rsa, ed25519], [ecdsa, rsa, ed25519], rsa],
  ["both hosts have ecdsa, rsa and ed25519 keys, scanned with ed25519 or rsa first", [ed25519, ecdsa, rsa], [rsa, ed25519, ecdsa], ed25519],
  ["the bastion has no ecdsa key and shows rsa", [rsa, ecdsa, ed25519], [ed25519, rsa], ecdsa],
  ["the bastion shows only ed25519", [ed25519, rsa], [ed25519], rsa],
  ["the node has only ecdsa, and the bastion has another key", [ecdsa], [ecdsa, rsa], rsa],
  ["both hosts have only ecdsa, and Terraform before 1.16 cannot distinguish their keys", [ecdsa], [ecdsa], ecdsa],
])("with a bastion, the first host key does not contradict the key that the bastion shows: %s", (_, node, bastion, expected) => expect(first(node, bastion)).toBe(expected));

test("every host key after the first key has its host's name, also if it is the same key as the first key", () => {
  const text = knownHosts({ host: "node", port: 2222, keys: ecdsa }, { host: "jump", port: 22, keys: `${ecdsa}\n${rsa}` });
  expect(text.split("\n")).toEqual([rsa, `[node]:2222 ${ecdsa}`, `jump ${ecdsa}`, `jump ${rsa}`]);
});
