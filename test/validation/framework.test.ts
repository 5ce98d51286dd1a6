import { TerraformStack, Testing } from "cdktf";
import { Construct, Node } from "constructs";
import { ExchangeDag, SslBridgeCert } from "../../lib";

/**
 * A construct that looks like a stack of another installed package: it has the marker of a TerraformStack, and its base
 * class has the jsii name `fqn`.
 */
function foreignStack(fqn: string): Construct {
  class Foreign extends Construct {}
  Object.assign(Foreign, { [Symbol.for("jsii.rtti")]: { fqn } });
  class TheUsers extends Foreign {}
  return Object.assign(new TheUsers(Testing.app(), "mail"), { [Symbol.for("cdktf/TerraformStack")]: true });
}

const PROPS = { clientNames: ["mail.lab.test"], members: [{ name: "exch01", host: "198.18.0.21" }, { name: "exch02", host: "198.18.0.22" }] };

/** The framework of the tested package: cdktf, or cdktn if the tests run in the fork's source. */
const OURS = (TerraformStack as unknown as Record<symbol, { fqn: string }>)[Symbol.for("jsii.rtti")]?.fqn.split(".")[0] ?? "";
const OTHER = OURS === "cdktf" ? "cdktn" : "cdktf";

test.each([
  ["a DAG", (stack: Construct) => new ExchangeDag(stack, "Dag", PROPS), "mail/Dag"],
  ["a certificate", (stack: Construct) => SslBridgeCert.fromPemFile(stack, "Cert", { path: "exch.pem" }), "mail/Cert"],
])("%s in a stack of the other framework fails, and the message names the package to install instead", (_, make, path) => {
  expect(() => make(foreignStack(`${OTHER}.TerraformStack`))).toThrow(
    `The stack "mail" belongs to ${OTHER}, but this package is for ${OURS}: install ${OTHER}-exchange-balancer instead of ${OURS}-exchange-balancer (the same constructs, the same state) [${path}]`,
  );
});

test("the library accepts a stack that was created with a second installed copy of the framework", () => {
  const stack = foreignStack(`${OURS}.TerraformStack`);
  expect(Node.of(new ExchangeDag(stack, "Dag", PROPS)).path).toBe("mail/Dag");
});
