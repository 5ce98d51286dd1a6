import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deliveries, hostFiles } from "../../lib/testing/host-files";
import { consumer } from "./consumer";
import { withoutSsh } from "./examples";
import { Package, Stranger } from "./stranger";
import { Terraform } from "./terraform";

/**
 * A stranger who changes one number in a stack. The plan must then have at most MOST lines. The stack contains each
 * file as a list of lines; the text that Terraform renders from this list must be the text that the library wrote.
 */
export function shortPlan(made: Package, terraform: Terraform): Stranger {
  return {
    who: "one changed maxconn, planned",
    attempt: async (empty) => {
      const visit = await consumer(empty, made);
      const main = join(visit.folder, "examples/shortest/main.ts");
      const text = readFileSync(main, "utf8")
        .replace("App, TerraformStack", "App, TerraformStack, TerraformVariable")
        .replace('["10.8.5.0/24"]', `["10.8.5.0/24", new TerraformVariable(this, "office", { type: "string", default: "${OFFICE}" }).stringValue]`);
      const synthesized = async (maxconn: number): Promise<string> => {
        writeFileSync(main, text.replace("virtualRouterId: 233,", `virtualRouterId: 233, maxconn: ${maxconn},`));
        await visit.line("node --import tsx examples/shortest/main.ts");
        return readFileSync(join(visit.folder, "cdktf.out/stacks/shortest/cdk.tf.json"), "utf8");
      };
      const folder = visit.in("plan");
      const inPlan = async (stack: string, command: string): Promise<string> => {
        writeFileSync(join(folder.folder, "cdk.tf.json"), stack);
        return folder.line(`"$TERRAFORM_BINARY_NAME" ${command}`, terraform.env);
      };
      const before = await synthesized(10_000);
      const stack = withoutSsh(before);
      const files = hostFiles(before).flatMap(({ resources: [id = ""], files: all }) => all.filter(({ secret, content }) => !secret && !content.includes("${local.")).map(({ path, content }) => ({ id, path, content: content.replace("${var.office}", OFFICE) })));
      if (!files.some(({ content }) => content.endsWith(`\n${OFFICE}\n`))) throw new Error("no file has the variable's value");
      const delivered = (id: string): string => {
        const bundle = deliveries(stack).find(({ resource }) => resource === id)?.bundle ?? "";
        return Object.keys(stack.resource.null_resource).find((one) => stack.resource.null_resource[one]?.triggers === `\${local.${bundle}}`) ?? "";
      };
      stack.output = Object.fromEntries(files.map(({ id, path }, index) => [`file${index}`, { value: `\${join("\\n", jsondecode(null_resource.${delivered(id)}.triggers["${path}"]))}` }]));
      await inPlan(JSON.stringify(stack), "init -input=false");
      await inPlan(JSON.stringify(stack), "apply -auto-approve -input=false");
      const outputs = JSON.parse(await inPlan(JSON.stringify(stack), "output -json")) as { [name: string]: { value: string } };
      for (const [index, { path, content }] of files.entries()) {
        if (outputs[`file${index}`]?.value !== content) throw new Error(`${path} is not what was written:\n${outputs[`file${index}`]?.value ?? ""}`);
      }
      const same = await inPlan(before, "plan -input=false -no-color");
      if (!/Changes to Outputs|No changes/.test(same) || /must be replaced/.test(same)) throw new Error(`the same stack again plans a change:\n${same}`);
      const plan = (await inPlan(await synthesized(12_000), "plan -input=false -no-color")).replace(/\nChanges to Outputs:[^]*/, "");
      const lines = plan.split("\n").length;
      if (lines > MOST) throw new Error(`the plan of one changed maxconn has ${lines} lines:\n${plan}`);
      return `a plan of ${lines} lines (two nodes), ${terraform.version}, ${terraform.provider}`;
    },
  };
}

/** The default of a variable. An allow list has this variable as an entry, so Terraform fills in a part of a file. */
const OFFICE = "10.8.6.0/24";

/**
 * The most lines that the plan may have. The plan prints the changed lines of two nodes with their context, and lines
 * of Terraform's own. OpenTofu prints two lines for each changed line.
 */
const MOST = 150;
