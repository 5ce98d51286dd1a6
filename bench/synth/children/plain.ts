import { readFileSync } from "node:fs";
import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { Resource } from "@cdktf/provider-null/lib/resource";
import { App, TerraformElement, TerraformLocal, TerraformResource, TerraformStack, TerraformVariable } from "cdktf";
import { Construct } from "constructs";
import { Recorded, RecordedResource, RecordedValue } from "../recorded";
import { report } from "./report";

/**
 * This program is the side of plain cdktf in the comparison. `node plain.js RECORDED` reads the recorded stack and
 * creates this stack with the provider's own constructs.
 */
const before = performance.now();
const recorded = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Recorded;
const reading = performance.now() - before;

const text = (place: number): string => recorded.texts[place] ?? "";
const texts = (entries: Exclude<RecordedValue, number>): { [key: string]: string } => Object.fromEntries(entries.map(([key, place]) => [key, text(place)]));
const app = new App();
const stack = new TerraformStack(app, recorded.stack);
if (recorded.resources.length > 0) new NullProvider(stack, "Null");
if (recorded.requiredVersion !== undefined) {
  const terraform = { required_version: recorded.requiredVersion };
  new (class extends TerraformElement {
    public override toTerraform(): object {
      return { terraform };
    }
  })(stack, "Requirements");
}
for (const { id, type, sensitive } of recorded.variables) {
  const variable = new TerraformVariable(stack, id, { type, sensitive });
  variable.overrideLogicalId(id);
  // Each side's app refers to the resource, and each reference records a stack trace.
  void variable.stringValue;
}
for (const { id, value } of recorded.locals) new TerraformLocal(stack, id, typeof value === "number" ? text(value) : texts(value)).overrideLogicalId(id);
for (const { id, dependsOn, overrides } of recorded.data) {
  const data = new TerraformResource(stack, id, { terraformResourceType: "terraform_data", lifecycle: { createBeforeDestroy: true } });
  if (dependsOn.length > 0) data.dependsOn = [...dependsOn];
  data.overrideLogicalId(id);
  for (const [key, value] of Object.entries(overrides)) data.addOverride(key, value);
}
for (const resource of recorded.resources) create(resource);
app.synth();
report(reading);

function create({ path, triggers, connection, provisioners, preconditions, dependsOn }: RecordedResource): void {
  const ids = path.split("/").slice(1);
  const resource = new Resource(scopeOf(ids), ids[ids.length - 1] ?? "", {
    triggers: typeof triggers === "number" ? undefined : texts(triggers),
    connection: connection && { type: "ssh", ...connection },
    provisioners: provisioners.length === 0 ? undefined : provisioners.map((one) =>
      one.type === "file"
        ? { type: "file", content: text(one.content), destination: text(one.destination) }
        : { type: "remote-exec", inline: one.inline.map(text) },
    ),
    lifecycle: {
      createBeforeDestroy: true,
      precondition: preconditions.length === 0 ? undefined : preconditions.map(({ condition, message }) => ({ condition: text(condition), errorMessage: text(message) })),
    },
  });
  if (typeof triggers === "number") resource.addOverride("triggers", text(triggers));
  // By address, as the library does: cdktf's own way records a stack trace for each.
  if (dependsOn.length > 0) resource.dependsOn = [...dependsOn];
}

/**
 * Creates empty constructs with the ids of the library's constructs, so that resources have the same names on both
 * sides.
 */
function scopeOf(ids: readonly string[]): Construct {
  return ids
    .slice(0, -1)
    .reduce<Construct>((scope, id) => scope.node.tryFindChild(id) ?? new Construct(scope, id), stack);
}
