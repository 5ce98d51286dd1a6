import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { ANY_CASE, AS_IT_IS, SAME_HOST, Sameness } from "../../lib/validation/sameness";
import { must } from "./run";
import { terraformBinary } from "./terraform-binary";

// Literals are compared by JavaScript at synthesis, tokens by Terraform at the plan: of any two values both must say the
// same. Asked of the real Terraform, in one run that touches nothing.

const VALUES = [
  "LB01.Local", "lb01.local", "lb02.local", "10.12.8.11", "10.12.8.11/24", "10.12.8.12/24", "2001:DB8::15", "2001:db8:0::15", "2001:db8:0:0:0:0:0:15/64",
  "2001:db8::1:5", "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", "::1", "0:0:0:0:0:0:0:1", "::1/128", "fe80::0:1", "fe80::1",
];
const KINDS: readonly (readonly [string, Sameness])[] = [["AS_IT_IS", AS_IT_IS], ["ANY_CASE", ANY_CASE], ["SAME_HOST", SAME_HOST]];

const folder = mkdtempSync(path.join(tmpdir(), "exlab-sameness-"));
let answers: Readonly<Record<string, { readonly value: readonly string[] }>> = {};

beforeAll(async () => {
  const write = (file: string, content: object): void => writeFileSync(path.join(folder, file), JSON.stringify(content));
  write("main.tf.json", {
    variable: { values: { type: "list(string)" } },
    output: Object.fromEntries(KINDS.map(([name, same]) => [name, { value: `\${[for value in var.values : ${same.token("value")}]}` }])),
  });
  // In a file of values nothing is a template.
  write("terraform.tfvars.json", { values: VALUES });
  const terraform = await terraformBinary();
  const call = (...args: string[]): Promise<string> => must([terraform, ...args], { cwd: folder, env: { CHECKPOINT_DISABLE: "1", TF_CLI_CONFIG_FILE: "/dev/null" } });
  await call("apply", "-auto-approve", "-input=false", "-no-color");
  answers = JSON.parse(await call("output", "-json")) as typeof answers;
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(KINDS)("two values that are equal by the comparison %s in JavaScript are also equal in Terraform, and vice versa", (name, same) => {
  const written = answers[name]?.value ?? [];
  const alike = (texts: readonly (string | undefined)[]): string[] =>
    VALUES.flatMap((one, i) => VALUES.flatMap((other, j) => (i < j && texts[i] === texts[j] ? [`${one} = ${other}`] : [])));
  expect(written).toHaveLength(VALUES.length);
  expect(alike(written)).toEqual(alike(VALUES.map((value) => same.known(value))));
  if (name === "SAME_HOST") expect(alike(written)).toContain("2001:DB8::15 = 2001:db8:0:0:0:0:0:15/64");
});
