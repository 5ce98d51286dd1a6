import { Api, CollectionKind, Docs, Method, Parameter, Property, Type, TypeReference, inOrder, isClass, isConstruct, isEnum, isStruct, nameOf } from "./assembly";
import { Group, groupsOf } from "./groups";

/** The text of docs/api.md. */
export function apiReference(api: Api): string {
  const groups = groupsOf(api);
  const lacking = [...api.values()].filter((type) => needsExample(type, api) && type.docs?.example === undefined);
  if (lacking.length > 0) throw new Error(`These need an @example in their docstring: ${lacking.map(({ name }) => name).join(", ")}`);
  return [
    "# API",
    "Made from the docstrings by `npm run docs`. Each section is a construct with the types that its props take. A prop with a `?` may be left out.",
    contents(groups),
    ...groups.flatMap((group) => section(group, api)),
  ].join("\n\n").concat("\n");
}

/** Whether the type must have an example in its docstring: every class, except abstract constructs. */
function needsExample(type: Type, api: Api): boolean {
  if (!isClass(type)) return false;
  return isConstruct(type, api) ? type.abstract !== true : true;
}

function contents(groups: readonly Group[]): string {
  return groups.map(({ title, types }) => `- ${types.includes(title) ? link(title) : title}: ${types.filter((name) => name !== title).map(link).join(", ")}`).join("\n");
}

function section({ title, types }: Group, api: Api): readonly string[] {
  return [
    ...(types.includes(title) ? [] : [`## ${title}`]),
    ...types.flatMap((name) => {
      const type = api.get(name);
      return type === undefined ? [] : typeText(type, api, name === title ? "##" : "###");
    }),
  ];
}

function typeText(type: Type, api: Api, heading: string): readonly string[] {
  const kind = isEnum(type) ? "enum" : isStruct(type) ? "struct" : isConstruct(type, api) ? "construct" : "class";
  return [
    `${heading} ${type.name}`,
    `*${kind}${above(type, api)}*`,
    ...prose(type.docs, api),
    ...example(type.docs),
    ...members(type, api),
    ...inherited(type, api),
  ];
}

function above(type: Type, api: Api): string {
  const bases = isClass(type) ? [type.base ?? ""] : isStruct(type) ? (type.interfaces ?? []) : [];
  const known = bases.map(nameOf).filter((name) => api.has(name));
  return known.length === 0 ? "" : `, extends ${known.map(link).join(" and ")}`;
}

function members(type: Type, api: Api): readonly string[] {
  if (isEnum(type)) return type.members.map(({ name, docs }) => entry(type, name, `\`${type.name}.${name}\``, docs, api));
  const methods = isClass(type) ? inOrder(type.methods).map((method) => entry(type, method.name, signature(type, method), method.docs, api, method.parameters)) : [];
  const initializer = isClass(type) && type.initializer !== undefined && type.abstract !== true
    ? [`\`\`\`ts\nnew ${type.name}(${(type.initializer.parameters ?? []).map(plainParameter).join(", ")})\n\`\`\``]
    : [];
  return [...initializer, ...methods, ...inOrder(type.properties).map((property) => propertyText(type, property, api))];
}

/** The props that a struct inherits: a line for each base struct, with links to its props. */
function inherited(type: Type, api: Api): readonly string[] {
  if (!isStruct(type)) return [];
  return ancestors(type, api).map((base) => `From ${link(base.name)}: ${inOrder(base.properties).map(({ name, optional }) => memberLink(base.name, name, optional === true)).join(", ")}`);
}

function ancestors(type: Type, api: Api): readonly (Type & { readonly properties?: Property[] })[] {
  if (!isStruct(type)) return [];
  const direct = (type.interfaces ?? []).flatMap((fqn) => api.get(nameOf(fqn)) ?? []).filter(isStruct);
  return [...new Set(direct.flatMap((base) => [base, ...ancestors(base, api)]))];
}

function propertyText(type: Type, property: Property, api: Api): string {
  const fixed = property.static === true ? `${type.name}.` : "";
  return entry(type, property.name, `\`${fixed}${property.name}${property.optional === true ? "?" : ""}\`: ${typeName(property.type, api)}`, property.docs, api);
}

function signature(type: Type, { name, parameters = [], static: fixed, returns }: Method): string {
  const result = returns === undefined ? "" : `: ${plainType(returns.type)}`;
  return `\`${fixed === true ? `${type.name}.` : ""}${name}(${parameters.map(plainParameter).join(", ")})${result}\``;
}

function plainParameter({ name, optional, type }: Parameter): string {
  return `${name}${optional === true ? "?" : ""}: ${plainType(type)}`;
}

/** The list item of a member in docs/api.md: its title, then its text, parameters and example. */
function entry(type: Type, name: string, title: string, docs: Docs | undefined, api: Api, parameters: readonly Parameter[] = []): string {
  const options = parameters.flatMap(({ name: of, docs: said, type: takes }) => {
    const words = [said?.summary, said?.remarks].filter((part) => part !== undefined).join(" ");
    const text = [`fqn` in takes && api.has(nameOf(takes.fqn)) ? link(nameOf(takes.fqn)) : "", words].filter((part) => part !== "").join(", ");
    return text === "" ? [] : [`\`${of}\`: ${linked(text, api)}`];
  });
  const lines = [...prose(docs, api), ...options, ...example(docs)];
  const head = `- <a id="${anchor(type.name, name)}"></a>**${title}**`;
  return [head, ...lines].map((line, index) => (index === 0 ? line : indented(line))).join("\n\n");
}

function indented(text: string): string {
  return text.split("\n").map((line) => (line === "" ? "" : `  ${line}`)).join("\n");
}

function prose(docs: Docs | undefined, api: Api): readonly string[] {
  const custom = docs?.custom ?? {};
  return [
    // jsii's summary is the first sentence, or the first paragraph.
    [docs?.summary, docs?.remarks].filter((text) => text !== undefined).join(/[.)] [A-Z]/.test(docs?.summary ?? "") ? "\n\n" : " "),
    docs?.default === undefined ? "" : `Default: ${plainDefault(docs.default)}`,
    custom.throws === undefined ? "" : `Throws ${custom.throws}`,
    docs?.see === undefined ? "" : `See ${docs.see}`,
  ].filter((text) => text !== "").map((text) => linked(ended(unwrapped(text)), api));
}

/**
 * Formats the text of @default. A text that begins with `- ` is prose. Any other text begins with code; ` - ` ends the
 * code, and prose may follow.
 */
function plainDefault(text: string): string {
  if (text.startsWith("- ")) return text.slice(2);
  const [code = "", ...why] = text.split(" - ");
  return [`\`${code}\``, ...why].join(" - ");
}

/** Joins the wrapped lines of a docstring; a blank line, a list and a table begin a new line. */
function unwrapped(text: string): string {
  return text.replace(/([^\n])\n(?! *[\n|*-]) */g, "$1 ").trim();
}

/** Ends the text of a tag, such as `@throws`, with a full stop, because docstrings have no full stop there. */
function ended(text: string): string {
  return /[.:`)]$|\/[^ ]*$/.test(text) ? text : `${text}.`;
}

function example(docs: Docs | undefined): readonly string[] {
  return docs?.example === undefined ? [] : [`\`\`\`ts\n${docs.example.trim()}\n\`\`\``];
}

/** Turns API names in backquotes and names of pages in docs/ into links. */
function linked(text: string, api: Api): string {
  return text.replace(/\bdocs[/]([a-z-]+[.]md)/g, "[docs/$1]($1)").replace(/`([A-Z][A-Za-z0-9]*)(?:[.]([A-Za-z0-9_]+)([^`]*))?`/g, (whole, name: string, member: string | undefined) =>
    api.has(name) ? `[${whole}](#${member === undefined ? anchor(name) : anchor(name, member)})` : whole,
  );
}

function typeName(type: TypeReference, api: Api): string {
  const name = "fqn" in type ? nameOf(type.fqn) : "collection" in type && "fqn" in type.collection.elementtype ? nameOf(type.collection.elementtype.fqn) : undefined;
  return name !== undefined && api.has(name) ? `[\`${plainType(type)}\`](#${anchor(name)})` : `\`${plainType(type)}\``;
}

function plainType(type: TypeReference): string {
  if ("primitive" in type) return type.primitive;
  if ("fqn" in type) return nameOf(type.fqn);
  if (!("collection" in type)) return "any";
  const { kind, elementtype } = type.collection;
  return kind === CollectionKind.Map ? `{ [name: string]: ${plainType(elementtype)} }` : `${plainType(elementtype)}[]`;
}

function link(name: string): string {
  return `[${name}](#${anchor(name)})`;
}

function memberLink(type: string, member: string, optional: boolean): string {
  return `[${member}${optional ? "?" : ""}](#${anchor(type, member)})`;
}

function anchor(type: string, member?: string): string {
  return (member === undefined ? type : `${type}.${member}`).toLowerCase();
}
