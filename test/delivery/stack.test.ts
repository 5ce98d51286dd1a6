import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { DataResource, TerraformProvider, TerraformStack, Testing } from "cdktf";
import { balancerStack, newStack } from "../support/site";
import { synthesized } from "../support/synthesized";

describe("the null provider", () => {
  const providers = (stack: TerraformStack): unknown => synthesized(stack).provider.null;

  test("is created if the stack has none", () => {
    expect(providers(balancerStack().stack)).toEqual([{}]);
  });

  test("is the user's own, even if it is created later", () => {
    const { stack } = balancerStack();
    new NullProvider(stack, "Mine");
    expect(providers(stack)).toEqual([{}]);
  });

  test("is the user's own from bindings of their own", () => {
    const { stack } = balancerStack();
    class GeneratedProvider extends TerraformProvider {}
    new GeneratedProvider(stack, "Generated", { terraformResourceType: "null", terraformGeneratorMetadata: { providerName: "null" } });
    expect(providers(stack)).toHaveLength(1);
  });

  test("is created beside one that has an alias", () => {
    const { stack } = balancerStack();
    new NullProvider(stack, "Mine", { alias: "other" });
    expect(providers(stack)).toEqual([{ alias: "other" }, {}]);
  });
});

describe("the least Terraform", () => {
  test("is stated in the stack, so that Terraform itself says when it is too old", () => {
    expect(synthesized(balancerStack().stack).terraform.required_version).toBe(">= 1.4.0");
  });

  test("is replaced by a version that the user's stack requires", () => {
    const { stack } = balancerStack();
    stack.addOverride("terraform.required_version", "~> 1.11.0");
    expect(synthesized(stack).terraform.required_version).toBe("~> 1.11.0");
  });

  test("is not stated in a stack without a host", () => {
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

  test("runs, validations and all", () => {
    expect(synthesized(balancerStack().stack).resource.terraform_data).toHaveProperty("cdktf_exchange_balancer_leave");
  });

  test("would fail with cdktf's own terraform_data", () => {
    const { stack } = balancerStack();
    new DataResource(stack, "Data");
    expect(() => synthesized(stack)).toThrow("Could not determine version of terraform");
  });
});
