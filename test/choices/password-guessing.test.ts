import { BalancingMode, Duration, PasswordGuessing, SslBridgeCert } from "cdktf-exchange-balancer";
import { refuses, untyped } from "../support/refused";
import { balancerStack, newStack, synth } from "../support/site";
import { hostFiles } from "cdktf-exchange-balancer/testing";

test.each<[string, object, string]>([
  ["a ban time below a minute", { banTime: Duration.seconds(59) }, "banTime must be from 1 minute to 1 day, got 59s [PasswordGuessing.stop]"],
  ["a ban time of two days", { banTime: Duration.hours(48) }, "banTime must be from 1 minute to 1 day, got 2880m [PasswordGuessing.stop]"],
  ["a number as ban time, which must be a Duration", { banTime: 300 }, "banTime must be a Duration, such as Duration.seconds(15), got 300 [PasswordGuessing.stop]"],
  ["peerPort 0", { peerPort: 0 }, "peerPort must be an integer from 1 to 65535, known at synthesis, got 0 [PasswordGuessing.stop]"],
  ["an unknown option", { limit: 5 }, 'options must be an object of known keys, got the unknown key "limit": its keys are banTime, exceptions, peerPort [PasswordGuessing.stop]'],
])("PasswordGuessing.stop() refuses %s", (_, options, message) => {
  expect(() => PasswordGuessing.stop(untyped(options))).toThrow(new Error(message));
});

const guarded = (options: object): { balancer: (stack: ReturnType<typeof newStack>) => { mode: BalancingMode } } => ({
  balancer: (stack) => ({
    mode: BalancingMode.sslBridge({ cert: SslBridgeCert.fromPemFile(stack, "Cert", { path: "exch.pem" }), passwordGuessing: PasswordGuessing.stop(options) }),
  }),
});

refuses([
  ["a peer port that is already served", guarded({ peerPort: 443 }), "passwordGuessing.peerPort must be a port that nothing else uses, got 443 [Stack/Mail/Master]"],
  ["the port of the health check as peer port", guarded({ peerPort: 8404 }), "passwordGuessing.peerPort must be a port that nothing else uses, got 8404 [Stack/Mail/Master]"],
  ["the pair's port as peer port", guarded({ peerPort: 8405 }), "pairPort must be a port that nothing else uses, got 8405 [Stack/Mail/Vip]"],
  ["an exception that is not a network", guarded({ exceptions: ["10.8.7.300"] }), 'passwordGuessing.exceptions[0] must be an IP address, such as 10.8.5.17, or a CIDR network that is written with its first address, such as 10.8.5.0/24, got "10.8.7.300" [Stack/Mail/Master]'],
]);

test("with PasswordGuessing.stop(), the haproxy.cfg files of a pair's two nodes differ only in the peers section and the local peer's name", () => {
  const [backup, master] = hostFiles(synth(balancerStack(guarded({})).stack));
  const cfg = (files: typeof master): string => files?.files.find(({ path }) => path === "/etc/haproxy/haproxy.cfg")?.content ?? "";
  expect(cfg(master)).toContain("    localpeer node1\n");
  expect(cfg(backup)).toContain("    localpeer node2\n");
  expect(cfg(master)).toContain("    bind 0.0.0.0:8406\n    server node1\n    server node2 10.12.8.12:8406\n");
  const without = (text: string): string => text.replace(/^ +localpeer .*\n/m, "").replace(/^peers .*\n(?:(?: .*)?\n)*/m, "");
  expect(without(cfg(master))).toBe(without(cfg(backup)));
  expect(cfg(master)).not.toBe(cfg(backup));
  const pair = (files: typeof master): string => files?.files.find(({ path }) => path === "/etc/keepalived/pair")?.content ?? "";
  // What tells the nodes that a difference is meant.
  expect(pair(master)).not.toContain("config differs");
});
