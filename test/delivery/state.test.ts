import { App, LocalBackend, S3Backend, TerraformStack } from "cdktf";
import { balancerStack } from "../support/site";
import { nullResource, scriptOf, synthesized, withoutHash } from "../support/synthesized";

const MASTER = "Mail_Master_Provision";
const before = (stack: TerraformStack): unknown => (synthesized(stack).locals as { [name: string]: unknown }).deliveries_before_cdktf_exchange_balancer;

test("each delivery sends its own id, the id of the Terraform state, and the ids of the deliveries in this state", () => {
  const { stack } = balancerStack();
  const script = scriptOf(nullResource(stack, MASTER));
  expect(script).toContain("terraform_data.cdktf_exchange_balancer_state.id");
  // A line break in a string of Terraform's is an escape: Terraform refuses the raw one.
  expect(script).toMatch(/^\$\{base64encode\(join\("\\n", concat\(.*\)\)\}$/m);
  expect(script).toContain("local.deliveries_before_cdktf_exchange_balancer");
  expect(synthesized(stack).resource.terraform_data["cdktf_exchange_balancer_state"]).toEqual({ lifecycle: { create_before_destroy: true } });
});

test("the delivery's Terraform code writes a line break as an escape, because Terraform accepts no raw line break inside quotes", () => {
  const code = [...scriptOf(nullResource(balancerStack().stack, MASTER)).matchAll(/\$\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}/g)].map(([, inside = ""]) => inside);
  expect(code.filter((text) => text.includes('join("\\n", concat('))).toHaveLength(1);
  expect(code.filter((text) => text.includes("\n"))).toEqual([]);
});

test("a stack has one resource for the id of its state", () => {
  const { stack } = balancerStack();
  balancerStack({ balancer: { master: { host: "10.12.9.11" }, backup: { host: "10.12.9.12" }, virtualAddresses: ["10.12.9.15"] } }, new TerraformStack(new App(), "Other"));
  expect(Object.keys(synthesized(stack).resource.terraform_data).filter((name) => name.endsWith("_state"))).toHaveLength(1);
});

test("with a local backend, Terraform reads the known deliveries from the state file of the current workspace", () => {
  const { stack } = balancerStack();
  new LocalBackend(stack, { path: "/srv/mail ${x}.tfstate", workspaceDir: "spaces" });
  const code = String(before(stack));
  expect(code).toContain('terraform.workspace == "default" ? join("", ["/srv/mail $", "{x}.tfstate"])');
  expect(code).toContain('join("", ["spaces", "/", terraform.workspace, "/terraform.tfstate"])');
});

test("without a backend, Terraform reads the known deliveries from the state file at its default path", () => {
  expect(String(before(balancerStack().stack))).toContain('terraform.workspace == "default" ? "terraform.tfstate"');
});

test("a delivery that is tainted in the state, because it failed, is not listed as a known delivery", () => {
  expect(String(before(balancerStack().stack))).toContain('identity = try(one.status, "") == "tainted" ? "" : try(one.attributes.triggers["identity"], "")');
});

test("only delivery resources have the trigger `identity`, because this trigger marks the deliveries in the state", () => {
  const { stack } = balancerStack();
  expect(String(before(stack))).toContain('for one in kind.instances : { id = tostring(one.attributes.id)');
  expect(String(before(stack))).toContain(' if can(one.attributes.triggers["identity"])]');
  const withIdentity = Object.entries(synthesized(stack).resource.null_resource).filter(([, { triggers }]) => "identity" in Object(triggers));
  expect(withIdentity.map(([id]) => withoutHash(id))).toEqual(["Mail_Backup_Provision", MASTER]);
});

test("the library does not read a remote state", () => {
  const { stack } = balancerStack();
  new S3Backend(stack, { bucket: "states", key: "mail.tfstate" });
  expect(before(stack)).toBe('${"null"}');
});
