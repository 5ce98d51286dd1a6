import { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { invalid } from "../validation/errors";

/** Makes a construct wait for the constructs in its prop `dependsOn`, with the dependencies of the construct tree. */
export function dependOn(scope: Construct, dependsOn: readonly ITerraformDependable[] | undefined): void {
  if (dependsOn === undefined) return;
  if (!Array.isArray(dependsOn)) throw invalid(scope.node.path, "dependsOn", "a list", dependsOn);
  dependsOn.forEach((one: unknown, index) => {
    // Everything that cdktf can depend on is a construct.
    if (!Construct.isConstruct(one)) {
      throw invalid(scope.node.path, `dependsOn[${index}]`, "a resource, a data source, a module, or a host or balancer of this library", one);
    }
    scope.node.addDependency(one);
  });
}
