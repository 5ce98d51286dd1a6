import { Assembly, CollectionKind, Docs, Method, Parameter, Property, Type, TypeReference, isClassType, isEnumType, isInterfaceType } from "@jsii/spec";

/** The public API from jsii's assembly: each type by its name, in no particular order. */
export type Api = ReadonlyMap<string, Type>;

export function apiOf(assembly: Assembly): Api {
  return new Map(Object.values(assembly.types ?? {}).map((type) => [type.name, type]));
}

export { CollectionKind, isClassType as isClass, isEnumType as isEnum, isInterfaceType as isStruct };

/** Whether the type is a construct class: it inherits from `constructs.Construct`, directly or through other classes. */
export function isConstruct(type: Type, api: Api): boolean {
  if (!isClassType(type) || type.base === undefined) return false;
  const above = api.get(nameOf(type.base));
  return type.base === "constructs.Construct" || (above !== undefined && isConstruct(above, api));
}

/** The name without its package: `Duration` for `cdktf-exchange-balancer.Duration`. */
export function nameOf(fqn: string): string {
  return fqn.slice(fqn.lastIndexOf(".") + 1);
}

/** Sorts members by their line in the source, because jsii sorts them by name. */
export function inOrder<T extends { readonly locationInModule?: { readonly line: number } }>(members: readonly T[] = []): readonly T[] {
  return [...members].sort((one, other) => (one.locationInModule?.line ?? 0) - (other.locationInModule?.line ?? 0));
}

/** The names of the types that a type refers to: first in its parameters, then as base structs, then in its props. */
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
