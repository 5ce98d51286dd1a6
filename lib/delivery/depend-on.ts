import { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { invalid } from "../validation/errors";

/** Implements the prop `dependsOn`: calls `addDependency()` of `scope` for each construct in `dependsOn`. */
export function dependOn(scope: Construct, dependsOn: readonly ITerraformDependable[] | undefined): void {
  if (dependsOn === undefined) return;
  if (!Array.isArray(dependsOn)) throw invalid(scope.node.path, "dependsOn", "a list", dependsOn);
  dependsOn.forEach((one: unknown, index) => {
    // This check accepts all valid entries, because everything that cdktf can depend on is a construct.
    if (!Construct.isConstruct(one)) {
      throw invalid(scope.node.path, `dependsOn[${index}]`, "a resource, a data source, a module, or a host or balancer of this library", one);
    }
    scope.node.addDependency(one);
  });
}
