import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { FOUNDATIONS, javaFoundations } from "../bindings/java";
import { PACMAK_ENV, pacmak } from "../bindings/pacmak";
import { blocks } from "../../test/support/markdown";
import { ECDSA_HOST_KEY } from "../../test/support/site";
import { certificate } from "./certificate";
import { consumer } from "./consumer";
import { readmeExample } from "./python";
import { NotTried, Package, Stranger, Visit } from "./stranger";
import { same } from "./synthesized";

const PAGE = "docs/java-and-go.md";

/**
 * A stranger who compiles and runs the Java example of the page PAGE, with the Java packages that jsii-pacmak makes
 * from cdktf.
 */
export function java(made: Package): Stranger {
  return {
    who: `Java, ${PAGE}`,
    attempt: async (empty) => {
      await needs(empty, ["mvn", "javac"]);
      const visit = await project(empty, made);
      const { repository, jars } = await javaFoundations();
      const [make = "", install = ""] = lines("jsii-pacmak --code-only --outdir bindings --target java");
      await visit.line(make, PACMAK_ENV);
      // Into the jar alone: the cache's repository is everybody's.
      await visit.line(`${install.replace(/ install$/, " package")} -Dmaven.source.skip -Dmaven.repo.local=${repository}`);
      writeFileSync(join(visit.folder, "Main.java"), example("java"));
      const path = `'${jars}/*:bindings/java/target/*:.'`;
      await visit.line(`javac -cp ${path} -d . Main.java && java -cp ${path} Main`, PACMAK_ENV);
      await sameAsReadme(visit, "Java");
      return `${(await visit.line("javac -version")).trim()}, ${(await visit.line("mvn -B -v")).split("\n")[0]?.replace(/ \(.*/, "") ?? ""}, cdktf made from npm`;
    },
  };
}

/**
 * A stranger who builds and runs the Go example of the page PAGE, with the Go packages that jsii-pacmak makes from
 * cdktf.
 */
export function go(made: Package): Stranger {
  return {
    who: `Go, ${PAGE}`,
    attempt: async (empty) => {
      await needs(empty, ["go"]);
      const visit = await project(empty, made);
      for (const line of lines("jsii-pacmak --code-only --outdir bindings --target go")) await visit.line(line, PACMAK_ENV);
      for (const name of FOUNDATIONS) await visit.line(`npx jsii-pacmak --code-only --outdir foundations/${name} --target go --no-parallel node_modules/${name}`, PACMAK_ENV);
      await visit.line("go mod edit -replace github.com/hashicorp/terraform-cdk-go/cdktf=./foundations/cdktf/go/cdktf -replace github.com/cdktf/cdktf-provider-null-go/null/v11=./foundations/@cdktf/provider-null/go/null");
      writeFileSync(join(visit.folder, "main.go"), example("go"));
      await visit.line("go mod tidy && go vet . && go run .", PACMAK_ENV);
      await sameAsReadme(visit, "Go");
      return `${(await visit.line("go version")).trim().split(" ")[2] ?? ""}, cdktf made from npm`;
    },
  };
}

/** Checks that the machine has these programs. @throws NotTried if one is not installed */
async function needs(visit: Visit, programs: readonly string[]): Promise<void> {
  const missing = (await visit.line(programs.map((program) => `command -v ${program} >/dev/null || echo ${program}`).join("; "))).trim();
  if (missing !== "") throw new NotTried(`this machine has no ${missing.split(/\s+/).join(", ")}`);
}

/** Prepares the project that the first commands in PAGE create, and the files that the examples read. */
async function project(empty: Visit, made: Package): Promise<Visit> {
  const visit = await consumer(empty, made);
  mkdirSync(join(visit.folder, "node_modules/.bin"));
  symlinkSync(await pacmak(), join(visit.folder, "node_modules/.bin/jsii-pacmak"));
  for (const name of ["lb01.keys", "lb02.keys"]) writeFileSync(join(visit.folder, name), `${ECDSA_HOST_KEY}\n`);
  await certificate(visit, visit.folder);
  return visit;
}

/** The commands of a shell block in PAGE, namely of the block that begins with `npx` and the text `first`. */
function lines(first: string): readonly string[] {
  const block = blocks(PAGE).find(({ language, text }) => language === "sh" && text.startsWith(`npx ${first}`));
  if (block === undefined) throw new Error(`${PAGE} has no block that begins with ${first}`);
  return block.text.trim().split("\n");
}

function example(language: string): string {
  const block = blocks(PAGE).find((one) => one.language === language);
  if (block === undefined) throw new Error(`${PAGE} has no example in ${language}`);
  return block.text;
}

/**
 * Checks that the example in this language has the same stack as README's TypeScript example. For this, README's example
 * gets copies of the files that the other example reads.
 */
async function sameAsReadme(visit: Visit, language: string): Promise<void> {
  const typescript = visit.in("typescript");
  symlinkSync(resolve(visit.folder, "node_modules"), join(typescript.folder, "node_modules"));
  for (const file of ["exch.pem", "mydomain-root.ca", "lb01.keys", "lb02.keys"]) cpSync(join(visit.folder, file), join(typescript.folder, file));
  writeFileSync(join(typescript.folder, "readme.ts"), readmeExample());
  await typescript.line("node --import tsx readme.ts");
  same("mail", { [language]: visit, TypeScript: typescript });
}
