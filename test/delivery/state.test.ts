import { App, LocalBackend, S3Backend, TerraformStack } from "cdktf";
import { balancerStack } from "../support/site";
import { nullResource, scriptOf, synthesized } from "../support/synthesized";

const MASTER = "Mail_Master_Provision";
const before = (stack: TerraformStack): unknown => (synthesized(stack).locals as { [name: string]: unknown }).deliveries_before_cdktf_exchange_balancer;

test("each delivery tells the host its own id, its state, and the deliveries that the state knew", () => {
  const { stack } = balancerStack();
  const script = scriptOf(nullResource(stack, MASTER));
  expect(script).toContain("terraform_data.cdktf_exchange_balancer_state.id");
  // A line break in a string of Terraform's is an escape: Terraform refuses the raw one.
  expect(script).toMatch(/^\$\{base64encode\(join\("\\n", concat\(.*\)\)\}$/m);
  expect(script).toContain("local.deliveries_before_cdktf_exchange_balancer");
  expect(synthesized(stack).resource.terraform_data["cdktf_exchange_balancer_state"]).toEqual({ lifecycle: { create_before_destroy: true } });
});

test("a line break is Terraform's escape in the code: within quotes Terraform takes no other", () => {
  const code = [...scriptOf(nullResource(balancerStack().stack, MASTER)).matchAll(/\$\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}/g)].map(([, inside = ""]) => inside);
  expect(code.filter((text) => text.includes('join("\\n", concat('))).toHaveLength(1);
  expect(code.filter((text) => text.includes("\n"))).toEqual([]);
});

test("there is one state a stack", () => {
  const { stack } = balancerStack();
  balancerStack({ balancer: { master: { host: "10.12.9.11" }, backup: { host: "10.12.9.12" }, virtualAddresses: ["10.12.9.15"] } }, new TerraformStack(new App(), "Other"));
  expect(Object.keys(synthesized(stack).resource.terraform_data).filter((name) => name.endsWith("_state"))).toHaveLength(1);
});

test("a local state is read from the path of its backend and workspace", () => {
  const { stack } = balancerStack();
  new LocalBackend(stack, { path: "/srv/mail ${x}.tfstate", workspaceDir: "spaces" });
  const code = String(before(stack));
  expect(code).toContain('terraform.workspace == "default" ? join("", ["/srv/mail $", "{x}.tfstate"])');
  expect(code).toContain('join("", ["spaces", "/", terraform.workspace, "/terraform.tfstate"])');
});

test("without a backend the state is read from Terraform's default path", () => {
  expect(String(before(balancerStack().stack))).toContain('terraform.workspace == "default" ? "terraform.tfstate"');
});

test("a failed delivery does not make its state the host's own", () => {
  expect(String(before(balancerStack().stack))).toContain('identity = try(one.status, "") == "tainted" ? "" : try(one.attributes.triggers["identity"], "")');
});

test("a remote state is not read", () => {
  const { stack } = balancerStack();
  new S3Backend(stack, { bucket: "states", key: "mail.tfstate" });
  expect(before(stack)).toBe('${"null"}');
});
