import { App, Fn, MapTerraformIterator, TerraformIterator, TerraformStack, TerraformVariable, Token } from "cdktf";
import { ExchangeBalancerProps, ExchangeDagProps } from "cdktf-exchange-balancer";
import { balancerStack, newStack, synth } from "./support/site";

// How people hand Terraform's values over and get it wrong, and what they are told.

const list = (stack: TerraformStack): string[] => ((stack.node.tryFindChild("list") as TerraformVariable | undefined) ?? new TerraformVariable(stack, "list", { type: "list(string)" })).listValue;
const HOST = { host: "10.12.8.12" };

test.each<[string, string, (stack: TerraformStack) => Partial<ExchangeBalancerProps>]>([
  ["host", "${aws_instance.lb01.private_ip}", () => ({ master: { host: "${aws_instance.lb01.private_ip}" } })],
  ["host", "${each.value}", () => ({ backup: { host: "${each.value}" } })],
  ["virtualAddresses[0]", "${var.vip}", () => ({ virtualAddresses: ["${var.vip}"] })],
  ["allow.smtp[1]", "${var.net}", () => ({ allow: { smtp: ["10.0.0.0/8", "${var.net}"] } })],
  ["interface", "${var.nic}", () => ({ interface: "${var.nic}" })],
])("the prop %s refuses Terraform code written by hand (%s), and the message says what to write instead", (prop, text, balancer) => {
  expect(() => balancerStack({ balancer })).toThrow(new RegExp(`^${prop.replace(/[.[\]]/g, "\\$&")} must be .*, got "${text.replace(/[.${}]/g, "\\$&")}", Terraform code written by hand, which cdktf would not evaluate\\. Use the construct's property or method, such as stringValue or getStringAttribute\\(\\)\\. For a part of a value, use propertyAccess\\(\\)`));
});

test.each<[string, (stack: TerraformStack) => Partial<ExchangeBalancerProps>]>([
  ["allow.smtp[0]", (stack) => ({ allow: { smtp: [...list(stack), "10.0.0.0/8"] } })],
  ["virtualAddresses[0]", (stack) => ({ virtualAddresses: [list(stack)[0] ?? "", "10.12.8.15"] })],
  ["host", (stack) => ({ master: { host: list(stack)[0] ?? "" }, backup: HOST })],
])("the prop %s refuses an entry that list[0] or ...list took from a list token, and the message says what to write instead", (prop, balancer) => {
  expect(() => balancerStack({ balancer })).toThrow(`, got an entry of a list that Terraform fills in (use Fn.element(list, 0) for one entry, and Token.asList(Fn.concat([list, ["…"]])) to join the list with other entries)`);
  expect(() => balancerStack({ balancer })).toThrow(new RegExp(`^${prop.replace(/[.[\]]/g, "\\$&")} must be `));
});

test("Fn.element(list, 0) is accepted for a single value, and Token.asList(Fn.concat()) for a list", () => {
  const { stack } = balancerStack({
    balancer: (within) => ({ master: { host: Fn.element(list(within), 0) as string }, allow: { smtp: Token.asList(Fn.concat([list(within), ["10.0.0.0/8"]])) } }),
  });
  expect(synth(stack)).toContain("element(var.list, 0)");
  expect(synth(stack)).toContain("concat(var.list");
});

test("the result of Fn.concat() without Token.asList() is refused, and the message says what to write instead", () => {
  expect(() => balancerStack({ balancer: (within) => ({ allow: { smtp: Fn.concat([list(within), ["10.0.0.0/8"]]) as unknown as string[] } }) })).toThrow(
    "allow.smtp must be a list of IP addresses and CIDR networks, got a token for text (use Token.asList(), for example on the result of Fn.concat(), to get a list) [Stack/Mail/Master]",
  );
});

test("the value of an iterator without Token.asString() is refused, and the message says what to write instead", () => {
  const { value } = TerraformIterator.fromList(["10.12.8.11"]) as unknown as { value: string };
  expect(() => balancerStack({ balancer: { master: { host: value } } })).toThrow(", got a token that does not stand for text (Token.asString() turns it into text) [Stack/Mail/Master]");
});

test.each<[string, (iterator: MapTerraformIterator) => unknown]>([
  ["members", (iterator) => iterator.dynamic({ name: "exch", host: "10.12.8.21" })],
  ["clientNames", (iterator) => iterator.pluckProperty("name")],
  ["nameServers", (iterator) => iterator.keys()],
])("the prop %s refuses a list that an iterator made, and the message says what to write instead", (prop, made) => {
  const iterator = TerraformIterator.fromMap({ a: { name: "exch01" } });
  const dag = { [prop]: made(iterator) } as Partial<ExchangeDagProps>;
  expect(() => balancerStack({ dag })).toThrow(`${prop} must be a list whose length is known at synthesis; its entries may be tokens, got a list that Terraform fills in (write each entry as Fn.element(list, 0)`);
});

test.each<[string, string, (value: string) => Partial<ExchangeBalancerProps>]>([
  ["host", "Mail/Master", (value) => ({ master: { host: value } })],
  ["virtualAddresses[0]", "Mail/Vip", (value) => ({ virtualAddresses: [value] })],
  ["allow.smtp[0]", "Mail/Master", (value) => ({ allow: { smtp: [value] } })],
])("synthesis refuses the value of an iterator in the prop %s, and the message names prop and construct", (prop, where, props) => {
  const { stack } = balancerStack({ balancer: props(Token.asString((TerraformIterator.fromList(["10.12.8.11"]) as unknown as { value: unknown }).value)) });
  expect(() => synth(stack)).toThrow(`${prop} must be a value that Terraform knows outside of the repeated resource, got each.value of an iterator (write each entry that you need as Fn.element(list, 0), Fn.element(list, 1), … or as Fn.lookup(map, "key")`);
  expect(() => synth(stack)).toThrow(where);
});

test("a text is accepted if it contains each.value as words, not as a reference", () => {
  const stack = newStack();
  expect(stack.node.root).toBeInstanceOf(App);
  const variable = new TerraformVariable(stack, "note", { type: "string" }).stringValue;
  expect(() => synth(balancerStack({ balancer: { redeliver: `each.value ${variable}` } }).stack)).not.toThrow();
});
