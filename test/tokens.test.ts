import { TerraformVariable } from "cdktf";
import { ExchangeBalancerProps, ExchangeDag, Failover, Monitoring } from "cdktf-exchange-balancer";
import { articleBridge, balancerStack, newStack, synth } from "./support/site";
import { synthesized } from "./support/synthesized";

// What lands on the hosts is the same whether a value stands in the app or comes from elsewhere: tokens must decide nothing.

const FAILOVERS: { readonly [name: string]: () => Failover } = {
  fast: () => Failover.fast({ yieldWithoutMembers: true }),
  lan: () => Failover.lan(),
  multicast: () => Failover.lan({ multicast: true, preempt: false }),
};

/**
 * The triggers of both hosts' null_resources. With `asTokens`, the props get tokens, and the triggers contain what
 * Terraform would fill in for these tokens.
 */
function landing(failover: Failover, asTokens: boolean): unknown {
  const stack = newStack();
  const values = new Map<string, string>();
  // Every use makes a token of its own, as `.stringValue` does.
  const text = (value: string): string => {
    if (!asTokens) return value;
    const name = `v${values.size}`;
    values.set(name, value);
    return new TerraformVariable(stack, name, { type: "string" }).stringValue;
  };
  const list = (entries: string[]): string[] => {
    if (!asTokens) return entries;
    const name = `v${values.size}`;
    values.set(name, entries.join("\n"));
    return new TerraformVariable(stack, name, { type: "list(string)" }).listValue;
  };
  const common: Partial<ExchangeBalancerProps> = {
    dag: new ExchangeDag(stack, "Dag2", {
      clientNames: [text("mail.mydomain.local"), text("autodiscover.mydomain.local")],
      members: [{ name: text("exch01"), host: text("10.12.8.21") }, { name: text("exch02"), host: text("exch02.mydomain.local") }],
      nameServers: [text("10.12.8.53")],
    }),
    mode: articleBridge(stack),
    allow: { smtp: [text("10.8.5.17/32"), text("10.8.5.18")], ecp: [text("10.8.5.0/24")], owa: list(["10.0.0.0/8", "2001:db8:5::/64"]) },
    master: { host: text("10.12.8.11"), monitoringAddress: text("10.12.9.11") },
    backup: { host: text("10.12.8.12"), monitoringAddress: text("10.12.9.12") },
    masterVrrpAddress: text("10.12.8.11"),
    backupVrrpAddress: text("10.12.8.12"),
    virtualAddresses: [text("10.12.8.15"), text("10.12.8.16/24")],
    virtualIpv6Addresses: [text("2001:db8::15/64")],
    activeActive: { virtualAddresses: [text("10.12.8.17")], virtualRouterId: 234 },
    interface: text("ens192"),
    backupInterface: text("ens224"),
    monitoring: Monitoring.prometheus({ allow: [text("10.8.5.9"), text("10.8.6.0/24")] }),
    firewallZone: text("internal"),
    failover,
  };
  balancerStack({ balancer: common }, stack);
  synth(stack);
  /** Replaces the tokens in a value as Terraform would. A token can stand for a whole text, for lines of a text, or for a part of a line. */
  const filledIn = (value: string): string => value
    .replace(/\$\{jsonencode\(split\("\\n", (?:join\("\\n", )?var[.](v\d+)\)?\)\)\}/g, (_, name: string) => JSON.stringify((values.get(name) ?? "?").split("\n")))
    .replace(/\$\{trimsuffix\(trimprefix\(jsonencode\((?:join\("\\n", )?var[.](v\d+)\)?\), "\\""\), "\\""\)\}/g, (_, name: string) => JSON.stringify(values.get(name) ?? "?").slice(1, -1))
    .replace(/\$\{(?:join\("\\n", )?var[.](v\d+)\)?\}/g, (_, name: string) => values.get(name) ?? "?");
  // A list that is a token is one line among a text's lines, and as many as it has entries once they are joined.
  const asText = (value: string): string => (value.startsWith("[") ? (JSON.parse(value) as string[]).join("\n") : value);
  const resolved = (triggers: { readonly [key: string]: string }): unknown =>
    Object.fromEntries(
      Object.entries(triggers)
        // Tells this delivery from another resource's, so it has to differ.
        .filter(([key]) => key !== "identity")
        .map(([key, value]) => [key, asText(filledIn(value))]),
    );
  return Object.fromEntries(Object.entries(synthesized(stack).resource.null_resource).map(([name, { triggers }]) => [name, resolved(triggers)]));
}

test.each(Object.keys(FAILOVERS))("with the failover %s, values given as tokens result in the same files as literal values", (name) => {
  const make = FAILOVERS[name];
  if (make === undefined) throw new Error(`no failover ${name}`);
  expect(landing(make(), true)).toEqual(landing(make(), false));
});
