import { ExchangeBalancer } from "cdktf-exchange-balancer";
import { balancerStack, newStack } from "./support/site";
import { refuses, untyped } from "./support/refused";

const HOST_KEYS = "an object with host, hostKey, monitoringAddress, instanceId, away";

refuses([
  ["a VM that is only an address", { balancer: { master: untyped("10.12.8.11") } }, `master must be ${HOST_KEYS}, got "10.12.8.11" [Stack/Mail]`],
  ["a missing backup", { balancer: { backup: untyped(undefined) } }, `backup must be ${HOST_KEYS}, got undefined [Stack/Mail]`],
]);

// A node has these keys, so the nodes would not miss them: both would get one value.
test.each(["host", "hostKey", "instanceId", "away", "monitoringAddress"])("ExchangeBalancer refuses %s among its own props, because this prop belongs in `master` or `backup`", (key) => {
  expect(() => balancerStack({ balancer: untyped({ [key]: "10.12.8.11" }) })).toThrow(
    new RegExp(`^props must be an object of known keys, got the unknown key "${key}": .* \\[Stack/Mail\\]$`),
  );
});

test.each([undefined, null, "10.12.8.11"])("ExchangeBalancer refuses %j where its props object is expected", (props) => {
  expect(() => new ExchangeBalancer(newStack(), "Mail", untyped(props))).toThrow(/^props must be an object with os, ssh, .*, master, backup, got .* \[Stack\/Mail\]$/);
});
