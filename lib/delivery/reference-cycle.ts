import { TerraformDataSource, TerraformElement, TerraformLocal, TerraformModule, TerraformResource, TerraformStack } from "cdktf";
import { resolved } from "./resolved";

/**
 * If the value of a Terraform local depends on the local itself, returns the names on this cycle, in order. Otherwise
 * returns undefined. Terraform's own error contains only "Cycle" and a list of names. It does not name the prop that
 * causes the cycle.
 */
export function cycleThrough(local: TerraformLocal): readonly string[] | undefined {
  const elements = new Map<string, TerraformElement>();
  for (const element of TerraformStack.of(local).node.findAll()) {
    const name = nameOf(element);
    if (name !== undefined) elements.set(name, element as TerraformElement);
  }
  const start = nameOf(local) ?? "";
  const from = new Map<string, string>();
  const next = [start];
  for (let one = next.shift(); one !== undefined; one = next.shift()) {
    for (const needed of needs(elements.get(one))) {
      if (needed === start) return wayTo(one, from);
      if (!elements.has(needed) || from.has(needed)) continue;
      from.set(needed, one);
      next.push(needed);
    }
  }
  return undefined;
}

function wayTo(last: string, from: ReadonlyMap<string, string>): readonly string[] {
  const way: string[] = [];
  for (let one: string | undefined = last; one !== undefined; one = from.get(one)) way.unshift(one);
  return way;
}

/** The name of a resource, data source, module or local in Terraform expressions. */
function nameOf(element: unknown): string | undefined {
  if (TerraformResource.isTerraformResource(element)) return `${element.terraformResourceType}.${element.friendlyUniqueId}`;
  if (element instanceof TerraformDataSource) return `data.${element.terraformResourceType}.${element.friendlyUniqueId}`;
  if (element instanceof TerraformModule) return `module.${element.friendlyUniqueId}`;
  if (element instanceof TerraformLocal) return `local.${element.friendlyUniqueId}`;
  return undefined;
}

/**
 * Matches everything that looks like the name of a resource, data source, module or local. It also matches other text,
 * but this has no effect, because no element of the stack has that text as its name.
 */
const NAME = /\b(?:data\.)?[a-z][a-z0-9_-]*\.[A-Za-z0-9_-]+/g;

function needs(element: TerraformElement | undefined): readonly string[] {
  return element === undefined ? [] : (JSON.stringify(resolved(element, element.toTerraform())).match(NAME) ?? []);
}
