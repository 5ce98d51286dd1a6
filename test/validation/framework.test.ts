import { TerraformStack, Testing } from "cdktf";
import { Construct, Node } from "constructs";
import { ExchangeDag, SslBridgeCert } from "../../lib";

/** A stack as the other framework has it: marked by the same symbol, and of a class with another name of jsii's. */
function foreignStack(fqn: string): Construct {
  class Foreign extends Construct {}
  Object.assign(Foreign, { [Symbol.for("jsii.rtti")]: { fqn } });
  class TheUsers extends Foreign {}
  return Object.assign(new TheUsers(Testing.app(), "mail"), { [Symbol.for("cdktf/TerraformStack")]: true });
}

const PROPS = { clientNames: ["mail.lab.test"], members: [{ name: "exch01", host: "198.18.0.21" }, { name: "exch02", host: "198.18.0.22" }] };

/** Run from the fork's source, this file has its package, and cdktf is the other one. */
const OURS = (TerraformStack as unknown as Record<symbol, { fqn: string }>)[Symbol.for("jsii.rtti")]?.fqn.split(".")[0] ?? "";
const OTHER = OURS === "cdktf" ? "cdktn" : "cdktf";

test.each([
  ["a DAG", (stack: Construct) => new ExchangeDag(stack, "Dag", PROPS), "mail/Dag"],
  ["a certificate", (stack: Construct) => SslBridgeCert.fromPemFile(stack, "Cert", { path: "exch.pem" }), "mail/Cert"],
])("%s in a stack of the other framework says which package to install", (_, make, path) => {
  expect(() => make(foreignStack(`${OTHER}.TerraformStack`))).toThrow(
    `The stack "mail" belongs to ${OTHER}, but this package is for ${OURS}: install ${OTHER}-exchange-balancer instead of ${OURS}-exchange-balancer (the same constructs, the same state) [${path}]`,
  );
});

test("a second copy of the same framework works, as npm sometimes installs one", () => {
  const stack = foreignStack(`${OURS}.TerraformStack`);
  expect(Node.of(new ExchangeDag(stack, "Dag", PROPS)).path).toBe("mail/Dag");
});
