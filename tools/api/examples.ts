import { Api, inOrder, isClass } from "./assembly";

/**
 * The docstrings' examples as TypeScript files for a type check, by file name. In each file, `this` is a stack, and names
 * that an example does not define are declared before it.
 */
export function exampleFiles(api: Api, packageName: string): ReadonlyMap<string, string> {
  const known = [...api.keys()].join(", ");
  const head = [
    `import { readFileSync } from "node:fs";`,
    `import { App, TerraformOutput, TerraformStack, TerraformVariable, Testing } from "cdktf";`,
    `import { ${known} } from "${packageName}";`,
    "declare const dag: ExchangeDag, cert: SslBridgeCert, autodiscoverCert: SslBridgeCert, mode: BalancingMode, ssh: SshAccess, lb01: HaproxyNode, lb02: HaproxyNode;",
  ].join("\n");
  const files = new Map<string, string>();
  for (const type of api.values()) {
    const members = isClass(type) ? [...inOrder(type.methods), ...inOrder(type.properties)] : [];
    for (const { name, docs } of [type, ...members]) {
      if (docs?.example === undefined) continue;
      files.set(`${type.name}.${name}.ts`, `${head}\nexport class Example extends TerraformStack {\n  public example(): void {\n${docs.example}\n  }\n}\n`);
    }
  }
  return files;
}
