import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { writeHostFiles } from "./host-tree";

// npm start: synthesizes the app of cdktf.json and shows what would land on each host.
import "./main";

const stacks = join("cdktf.out", "stacks");
for (const stack of readdirSync(stacks)) {
  const target = join("cdktf.out", "hosts", stack);
  const synthesized = readFileSync(join(stacks, stack, "cdk.tf.json"), "utf8");
  console.log(`${stack}, synthesized to ${join(stacks, stack, "cdk.tf.json")}`);
  for (const tree of writeHostFiles(synthesized, target)) console.log(`\n${tree}`);
  console.log(`\nRead them under ${relative(process.cwd(), target)}/ (secrets are not there: Terraform reads them at apply).`);
}
console.log("Change bin/settings.ts to your site; `cdktf deploy` brings it to the hosts.");
