import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { DataResource, TerraformProvider, TerraformStack, Testing } from "cdktf";
import { balancerStack, newStack } from "../support/site";
import { synthesized } from "../support/synthesized";

describe("the null provider of a stack", () => {
  const providers = (stack: TerraformStack): unknown => synthesized(stack).provider.null;

  test("the library creates a null provider if the stack has none", () => {
    expect(providers(balancerStack().stack)).toEqual([{}]);
  });

  test("the library uses the user's null provider, even if the user creates this provider after the library's constructs", () => {
    const { stack } = balancerStack();
    new NullProvider(stack, "Mine");
    expect(providers(stack)).toEqual([{}]);
  });

  test("the library uses a null provider from the user's own generated bindings", () => {
    const { stack } = balancerStack();
    class GeneratedProvider extends TerraformProvider {}
    new GeneratedProvider(stack, "Generated", { terraformResourceType: "null", terraformGeneratorMetadata: { providerName: "null" } });
    expect(providers(stack)).toHaveLength(1);
  });

  test("the library creates its own null provider if the user's null provider has an alias", () => {
    const { stack } = balancerStack();
    new NullProvider(stack, "Mine", { alias: "other" });
    expect(providers(stack)).toEqual([{ alias: "other" }, {}]);
  });
});

describe("the required Terraform version", () => {
  test("the stack states the required Terraform version, so that an older Terraform refuses to run", () => {
    expect(synthesized(balancerStack().stack).terraform.required_version).toBe(">= 1.4.0");
  });

  test("if the user's stack sets Terraform's required_version, this value replaces the one that the library sets", () => {
    const { stack } = balancerStack();
    stack.addOverride("terraform.required_version", "~> 1.11.0");
    expect(synthesized(stack).terraform.required_version).toBe("~> 1.11.0");
  });

  test("a stack without a host has no required Terraform version", () => {
    expect(Testing.synth(newStack())).not.toContain("required_version");
  });
});

describe("synthesis on a machine without Terraform", () => {
  // Every program is missing. The module's own object, for a namespace would be a copy.
  const programs = jest.requireActual<{ execSync: () => Buffer }>("child_process");
  beforeEach(() => {
    jest.spyOn(programs, "execSync").mockImplementation(() => { throw new Error("not found"); });
  });
  afterEach(() => jest.restoreAllMocks());

  test("if Terraform is not installed, synthesis with all validations succeeds for the library's own resources", () => {
    expect(synthesized(balancerStack().stack).resource.terraform_data).toHaveProperty("cdktf_exchange_balancer_leave");
  });

  test("if Terraform is not installed, synthesis fails for a DataResource, which is cdktf's own class for terraform_data", () => {
    const { stack } = balancerStack();
    new DataResource(stack, "Data");
    expect(() => synthesized(stack)).toThrow("Could not determine version of terraform");
  });
});
