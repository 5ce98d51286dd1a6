import { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { invalid } from "../validation/errors";

/** Makes a construct wait for what its prop `dependsOn` names, in the way of the construct tree. */
export function dependOn(scope: Construct, dependsOn: readonly ITerraformDependable[] | undefined): void {
  if (dependsOn === undefined) return;
  if (!Array.isArray(dependsOn)) throw invalid(scope.node.path, "dependsOn", "a list", dependsOn);
  dependsOn.forEach((one: unknown, index) => {
    // All that cdktf lets depend on is a construct; a plain object would be an address of nobody's.
    if (!Construct.isConstruct(one)) {
      throw invalid(scope.node.path, `dependsOn[${index}]`, "a resource, a data source, a module, or a host or balancer of this library", one);
    }
    scope.node.addDependency(one);
  });
}
