import { Fn, IResolveContext, TerraformOutput, TerraformStack, TerraformVariable, Testing, Token } from "cdktf";
import { argument, expression, linesText, literal, textOfLines, unescape } from "../../lib/delivery/terraform-text";
import { newStack } from "../support/site";

// What Terraform makes of these is seen on real hosts (test/lab); here: what it is given.

const TEXTS: readonly (readonly [string, string])[] = [
  ["plain", "plain"],
  ["%{+Q}r", "%%{+Q}r"],
  ["${HOME}", "$${HOME}"],
  ["$${HOME}", "$$${HOME}"],
  ["a%%{b", "a%%%{b"],
  ["100% $5 {x}", "100% $5 {x}"],
  ['quotes " and \\ and\nlines', 'quotes " and \\ and\nlines'],
];

function value(text: string): unknown {
  const stack = newStack();
  new TerraformOutput(stack, "out", { value: text });
  return (JSON.parse(Testing.synth(stack)) as { output: { out: { value: unknown } } }).output.out.value;
}

test.each(TEXTS)("the text %j is escaped so that Terraform reads it unchanged", (text, expected) => {
  expect(value(literal(text))).toBe(expected);
});

test.each(TEXTS)("the text %j is unchanged after escaping and unescaping", (text) => {
  expect(unescape(String(value(literal(text))))).toBe(text);
});

test.each([
  ["costs $", "", "costs $${var.v}"],
  ["100%", "%", "100%${var.v}%"],
  ["a $b %c ", " $", "a $b %c ${var.v} $"],
])("in %j + token + %j, the text around the token is unchanged after escaping and unescaping", (before, after, expected) => {
  const stack = newStack();
  const token = new TerraformVariable(stack, "v", { type: "string" }).stringValue;
  new TerraformOutput(stack, "out", { value: literal(`${before}${token}${after}`) });
  const { output } = JSON.parse(Testing.synth(stack)) as { output: { out: { value: string } } };
  expect(unescape(output.out.value)).toBe(expected);
});

test.each([
  ["before ", " after", "before ${var.v} after"],
  ["%{x} ", " ${y}", "%%{x} ${var.v} $${y}"],
  ["costs $", "", 'costs ${"$"}${var.v}'],
  ["100%", "%", '100${"%"}${var.v}%'],
])("in %j + token + %j, the token is resolved and the rest stays text", (before, after, expected) => {
  const stack = newStack();
  const token = new TerraformVariable(stack, "v", { type: "string" }).stringValue;
  new TerraformOutput(stack, "out", { value: literal(`${before}${token}${after}`) });
  expect(JSON.parse(Testing.synth(stack))).toMatchObject({ output: { out: { value: expected } } });
});

test("two adjacent tokens are both resolved", () => {
  const stack = newStack();
  const [a, b] = ["a", "b"].map((id) => new TerraformVariable(stack, id, { type: "string" }).stringValue);
  new TerraformOutput(stack, "out", { value: literal(`${a}${b}%{`) });
  expect(JSON.parse(Testing.synth(stack))).toMatchObject({ output: { out: { value: "${var.a}${var.b}%%{" } } });
});

test("an argument of a function may contain quotes, line breaks and template characters", () => {
  const stack = newStack();
  const token = new TerraformVariable(stack, "v", { type: "string" }).stringValue;
  new TerraformOutput(stack, "out", { value: expression(`sha256(${argument(`say "x"\n${token}%{if}\\`)})`) });
  expect(JSON.parse(Testing.synth(stack))).toMatchObject({
    output: { out: { value: '${sha256(join("", ["say \\"x\\"\\n", var.v, "%", "{if}\\\\"]))}' } },
  });
});

test.each([
  ["plain", '"plain"'],
  ["", '""'],
  ["${a} and %{b}", 'join("", ["$", "{a} and %", "{b}"])'],
])("as an argument of a Terraform function, the text %j is written as %s", (text, code) => {
  expect(argument(text)).toBe(code);
});

test("an expression() in a list does not change how the list's other values are resolved", () => {
  const stack = newStack();
  const token = new TerraformVariable(stack, "v", { type: "string" }).stringValue;
  new TerraformOutput(stack, "a", { value: [expression(`upper(${token})`), token, literal(`%{x} ${token}`)] });
  expect(JSON.parse(Testing.synth(stack))).toMatchObject({ output: { a: { value: ["${upper(var.v)}", "${var.v}", "%%{x} ${var.v}"] } } });
});

test("an argument that consists of one token is written as this token", () => {
  const token = new TerraformVariable(newStack(), "v", { type: "string" }).stringValue;
  expect(argument(token)).toBe(token);
});

test("a token from another stack may be a part of an expression", () => {
  const app = Testing.app();
  const [here, there] = ["Here", "There"].map((id) => new TerraformStack(app, id)) as [TerraformStack, TerraformStack];
  const token = new TerraformVariable(there, "v", { type: "string" }).stringValue;
  new TerraformOutput(here, "out", { value: expression(`sha256(${argument(`x${token}`)})`) });
  here.prepareStack();
  const { output } = JSON.parse(Testing.synth(here)) as { output: { out: { value: string } } };
  expect(output.out.value).toContain('sha256(join("", ["x", data.terraform_remote_state.');
});

test("expression() inside a cdktf function is written without a second ${}", () => {
  const stack = newStack();
  const token = new TerraformVariable(stack, "v", { type: "string" }).stringValue;
  new TerraformOutput(stack, "out", { value: Fn.upper(expression(`trimspace(${token})`)) });
  expect(JSON.parse(Testing.synth(stack))).toMatchObject({ output: { out: { value: "${upper(trimspace(var.v))}" } } });
});

/** The value of a delivery's trigger for a file with this text: the file's lines as a JSON list. */
const lines = (text: string): unknown => value(Token.asString({ creationStack: [], resolve: (context: IResolveContext) => linesText(text, context), toString: () => "" }));

test.each([...TEXTS.map(([text]) => text), "", "\n", "a\n\nb\n", "\\n", "tab\t\u0001 é \u{1f4ee}"])("the text %j is written as a JSON list of lines, and textOfLines() returns the same text from the list", (text) => {
  const list = String(lines(text));
  expect(JSON.parse(list)).toHaveLength(text.split("\n").length);
  expect(textOfLines(list)).toBe(text);
});

test.each([
  ["before ", " after\nlast", "before ${var.v} after\nlast"],
  ['%{x} "\n', " ${y}", '%{x} "\n${var.v} ${y}'],
  ["costs $", "", "costs $${var.v}"],
  ["", "", "${var.v}"],
])("if the text %j + token + %j is written as a JSON list of lines, the token becomes a Terraform reference and the rest stays text", (before, after, expected) => {
  const token = new TerraformVariable(newStack(), "v", { type: "string" }).stringValue;
  expect(textOfLines(String(lines(`${before}${token}${after}`)))).toBe(expected);
});

test("quotes and line breaks in the value of a token do not end the list entry", () => {
  const token = new TerraformVariable(newStack(), "v", { type: "string" }).stringValue;
  expect(lines(`a ${token}\nb`)).toBe('["a ${trimsuffix(trimprefix(jsonencode(var.v), "\\""), "\\"")}","b"]');
  expect(lines(token)).toBe('${jsonencode(split("\\n", var.v))}');
});
