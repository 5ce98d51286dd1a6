import { Assembly, CollectionKind, Docs, Method, Parameter, Property, Type, TypeReference, isClassType, isEnumType, isInterfaceType } from "@jsii/spec";

/** The public API as jsii wrote it down: each type by its name, in no order. */
export type Api = ReadonlyMap<string, Type>;

export function apiOf(assembly: Assembly): Api {
  return new Map(Object.values(assembly.types ?? {}).map((type) => [type.name, type]));
}

export { CollectionKind, isClassType as isClass, isEnumType as isEnum, isInterfaceType as isStruct };

/** A class that is created with `new`, in the tree of constructs, or that stands above one. */
export function isConstruct(type: Type, api: Api): boolean {
  if (!isClassType(type) || type.base === undefined) return false;
  const above = api.get(nameOf(type.base));
  return type.base === "constructs.Construct" || (above !== undefined && isConstruct(above, api));
}

/** `cdktf-exchange-balancer.Duration` is `Duration`. */
export function nameOf(fqn: string): string {
  return fqn.slice(fqn.lastIndexOf(".") + 1);
}

/** In the order of the source, because jsii sorts by name. */
export function inOrder<T extends { readonly locationInModule?: { readonly line: number } }>(members: readonly T[] = []): readonly T[] {
  return [...members].sort((one, other) => (one.locationInModule?.line ?? 0) - (other.locationInModule?.line ?? 0));
}

/** The types that a type mentions: first in its parameters and props, then in its base types. */
export function mentioned(type: Type): readonly string[] {
  if (isEnumType(type)) return [];
  const parameters = isClassType(type) ? [type.initializer, ...inOrder(type.methods)].flatMap((method) => method?.parameters ?? []) : [];
  const structs = isInterfaceType(type) ? (type.interfaces ?? []) : [];
  return [
    ...parameters.flatMap((parameter: Parameter) => fqnsOf(parameter.type)),
    ...structs,
    ...inOrder(type.properties).flatMap((property: Property) => fqnsOf(property.type)),
  ].map(nameOf);
}

function fqnsOf(type: TypeReference): readonly string[] {
  if ("fqn" in type) return [type.fqn];
  return "collection" in type ? fqnsOf(type.collection.elementtype) : [];
}

export type { Docs, Method, Parameter, Property, Type, TypeReference };
