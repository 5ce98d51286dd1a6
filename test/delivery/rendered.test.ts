import { App, Lazy, TerraformElement, TerraformLocal, TerraformResource, TerraformStack, Testing, Token } from "cdktf";
import { HostResource } from "../../lib/delivery/host-resource";
import { balancerStack, newStack } from "../support/site";
import { MASTER, nullResource, synthesized } from "../support/synthesized";

// Our resources are resolved once and not searched again. What users do to any resource must go on working.

test("a user's override of a delivery resource appears in cdk.tf.json", () => {
  const { stack, balancer } = balancerStack();
  (balancer.master.deployed as HostResource).addOverride("connection.timeout", "1m");
  (balancer.master.deployed as HostResource).addOverride("triggers.extra", Lazy.stringValue({ produce: () => "lazy" }));
  expect(nullResource(stack, MASTER)).toMatchObject({ connection: { timeout: "1m" }, triggers: { extra: "lazy", host: "10.12.8.11" } });
});

test("a user's override of the stack appears in cdk.tf.json", () => {
  const { stack, balancer } = balancerStack();
  const id = (balancer.master.deployed as TerraformElement).friendlyUniqueId;
  stack.addOverride(`resource.null_resource.${id}.triggers.extra`, "more");
  expect(nullResource(stack, MASTER).triggers).toMatchObject({ extra: "more", host: "10.12.8.11" });
});

test("a user's override of the bundle's local value appears in the delivery's triggers", () => {
  const { stack, balancer } = balancerStack();
  const bundle = balancer.master.node.findChild("Bundle") as TerraformLocal;
  stack.addOverride(`locals.${bundle.friendlyUniqueId}.redeliver`, "more");
  expect(nullResource(stack, MASTER).triggers).toMatchObject({ redeliver: "more", manifest: expect.stringContaining("format") as string });
});

test("the delivery still refers to the bundle after the user renames the bundle and the delivery", () => {
  const { stack, balancer } = balancerStack();
  (balancer.backup.node.findChild("Bundle") as TerraformLocal).overrideLogicalId("mine");
  (balancer.backup.deployed as TerraformElement).overrideLogicalId("yours");
  const { locals, resource } = synthesized(stack);
  expect(locals.mine).toBeDefined();
  expect(resource.null_resource.yours?.triggers.sha256).toBe("${sha256(jsonencode(local.mine))}");
  const delivered = Object.entries(resource.null_resource).find(([id]) => id.startsWith("Mail_Backup_Delivered"))?.[1];
  expect(delivered).toMatchObject({ triggers: "${local.mine}", depends_on: ["null_resource.yours"] });
});

test("a lazy token is resolved again at each synthesis", () => {
  let day = "monday";
  const { stack } = balancerStack({ balancer: { redeliver: Lazy.stringValue({ produce: () => day }) } });
  expect(nullResource(stack, MASTER).triggers.redeliver).toBe("monday");
  day = "tuesday";
  expect(nullResource(stack, MASTER).triggers.redeliver).toBe("tuesday");
});

test("a text may contain a token for a number", () => {
  const { stack } = balancerStack({ balancer: { redeliver: `build ${Token.asNumber(Lazy.numberValue({ produce: () => 42 }))}` } });
  expect(nullResource(stack, MASTER).triggers.redeliver).toBe("build 42");
});

test("a text that looks like a number with an exponent is not changed", () => {
  const { stack } = balancerStack({ balancer: { redeliver: "1.5e+300 ${HOME} %{x}" } });
  expect(nullResource(stack, MASTER).triggers.redeliver).toBe("1.5e+300 $${HOME} %%{x}");
});

test("a value from another stack becomes an output of that stack", () => {
  const earlier = newStack();
  const vm = new TerraformResource(earlier, "Vm", { terraformResourceType: "terraform_data" });
  const app = earlier.node.root as App;
  const { stack } = balancerStack({ balancer: { redeliver: vm.getStringAttribute("id") } }, new TerraformStack(app, "Later"));
  app.synth();
  expect(synthesized(stack).resource.null_resource).toBeDefined();
  expect(nullResource(stack, MASTER).triggers.redeliver).toContain("data.terraform_remote_state.");
  expect(Testing.synth(earlier)).toContain("cross-stack-output");
  expect(app.manifest.buildManifest().stacks.Later?.dependencies).toEqual(["Stack"]);
});

test("a renamed resource gets a moved block", () => {
  const { stack, balancer } = balancerStack();
  (balancer.master.deployed as HostResource).moveFromId("null_resource.old");
  expect(JSON.parse(Testing.synth(stack))).toMatchObject({ moved: [{ from: "null_resource.old" }] });
  expect(nullResource(stack, MASTER).triggers.host).toBe("10.12.8.11");
});
