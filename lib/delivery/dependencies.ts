import { TerraformDataSource, TerraformModule, TerraformResource, TerraformStack } from "cdktf";
import { IConstruct } from "constructs";
import { invalid } from "../validation/errors";
import { Delivered } from "./bundle";
import { HostResource } from "./host-resource";

/**
 * Makes Terraform follow `construct.node.addDependency()` for this library's hosts. cdktf itself ignores such
 * dependencies. If construct A depends on construct B, this library's resources in A wait for all resources, data
 * sources and modules in B. All resources, data sources and modules in A also wait for this library's resources in B.
 * Dependencies between constructs that contain no host of this library stay ignored.
 *
 * @throws if a construct depends on a construct that contains it, or on a construct that it contains; also if two
 *   resources would wait for each other
 */
export function honourDependencies(node: IConstruct): void {
  for (const end of node.node.dependencies) {
    const earlier = elements(end);
    const later = elements(node);
    if (![...earlier, ...later].some(isOurs)) continue;
    if (later.some((one) => earlier.includes(one))) {
      throw invalid(node.node.path, "node.addDependency()", "given a construct that neither contains this one nor is contained in it", end.node.path);
    }
    for (const one of later) {
      for (const other of earlier) {
        if ((isOurs(one) || isOurs(other)) && TerraformStack.of(one) === TerraformStack.of(other)) wait(node, one, other);
      }
    }
  }
}

/**
 * Does the same as `honourDependencies`, but for dependencies between two stacks. A resource cannot wait for a resource
 * of a different stack, so one whole stack waits for the other.
 */
export function honourDependenciesBetweenStacks(root: IConstruct): void {
  if (looked.has(root)) return;
  looked.add(root);
  for (const node of root.node.findAll()) {
    for (const end of node.node.dependencies) {
      if (![...elements(node), ...elements(end)].some(isOurs)) continue;
      for (const later of stacksOf(node)) {
        for (const earlier of stacksOf(end)) if (later !== earlier) later.addDependency(earlier);
      }
    }
  }
}

const looked = new WeakSet<IConstruct>();

type Waiting = TerraformResource | TerraformDataSource | TerraformModule;

function elements(scope: IConstruct): readonly Waiting[] {
  return scope.node.findAll().filter(canWait);
}

function canWait(construct: IConstruct): construct is Waiting {
  if (construct instanceof Delivered) return false;
  return TerraformResource.isTerraformResource(construct) || TerraformDataSource.isTerraformDataSource(construct) || construct instanceof TerraformModule;
}

function isOurs(construct: Waiting): construct is HostResource {
  return construct instanceof HostResource;
}

/**
 * Returns the stack that contains `scope`. If no stack contains `scope` (for example because `scope` is the app),
 * returns the stacks inside `scope`.
 */
function stacksOf(scope: IConstruct): readonly TerraformStack[] {
  const around = scope.node.scopes.filter((construct) => TerraformStack.isStack(construct));
  return around.length > 0 ? around.slice(-1) : scope.node.findAll().filter((construct) => TerraformStack.isStack(construct));
}

/** The dependencies that `addDependency()` caused: each resource, with the resources for which it waits. */
const waiting = new WeakMap<Waiting, Set<Waiting>>();

function wait(node: IConstruct, later: Waiting, earlier: Waiting): void {
  const known = waiting.get(later) ?? new Set();
  if (known.has(earlier)) return;
  if (waitsFor(earlier, later)) {
    throw invalid(node.node.path, "node.addDependency()", `given a construct that does not wait for ${later.node.path}`, earlier.node.path);
  }
  waiting.set(later, known.add(earlier));
  later.dependsOn = [...(later.dependsOn ?? []), address(earlier)];
}

function waitsFor(one: Waiting, other: Waiting, seen = new Set<Waiting>()): boolean {
  if (one === other) return true;
  if (seen.has(one)) return false;
  seen.add(one);
  return [...(waiting.get(one) ?? []), ...(isOurs(one) ? one.earlier : [])].some((next) => waitsFor(next, other, seen));
}

function address(one: Waiting): string {
  if (one instanceof TerraformModule) return `module.${one.friendlyUniqueId}`;
  const name = `${one.terraformResourceType}.${one.friendlyUniqueId}`;
  return TerraformDataSource.isTerraformDataSource(one) ? `data.${name}` : name;
}
