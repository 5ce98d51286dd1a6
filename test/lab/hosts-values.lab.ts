import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { VALUES } from "../support/values";
import { must } from "./run";
import { openTofuBinary, terraformBinary } from "./terraform-binary";

// Terraform's conditions judge each value of the table as the check of a literal does.

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "exlab-values-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const CASES = Object.entries(VALUES).flatMap(([name, { rule, good, bad }]) =>
  [...good.map((value) => ({ name, rule, value, right: true })), ...bad.map((value) => ({ name, rule, value, right: false }))]);

describe.each([["Terraform", terraformBinary], ["OpenTofu", openTofuBinary]])("the value checks of %s", (_, binary) => {
  const output = async (config: object, name: string): Promise<unknown> => {
    const terraform = await binary();
    writeFileSync(path.join(folder, "main.tf.json"), JSON.stringify(config, null, 1));
    // A file of variables is read as it is, without templates.
    writeFileSync(path.join(folder, "terraform.tfvars.json"), JSON.stringify({ v: CASES.map(({ value }) => value) }));
    const env = { TF_CLI_CONFIG_FILE: "/dev/null", CHECKPOINT_DISABLE: "1" };
    await must([terraform, "apply", "-auto-approve", "-input=false", "-no-color"], { cwd: folder, env });
    return JSON.parse(await must([terraform, "output", "-json", name], { cwd: folder, env }));
  };

  test("Terraform's preconditions accept and refuse the same values as the checks at synthesis", async () => {
    const judged = await output({
      variable: { v: { type: "list(string)" } },
      output: { judged: { value: CASES.map(({ rule }, index) => `\${${rule.condition(`var.v[${index}]`)}}`) } },
    }, "judged") as boolean[];
    const wrong = CASES.filter(({ right }, index) => judged[index] !== right).map(({ name, value, right }) => ({ name, value, terraform: !right }));
    expect(wrong).toEqual([]);
    expect(judged).toHaveLength(CASES.length);
  });
});

test("the tables of test values have more than 400 rows", () => expect(CASES.length).toBeGreaterThan(400));
