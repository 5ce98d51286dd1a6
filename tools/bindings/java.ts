import { cpSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { cached } from "../../test/lab/cache";
import { must } from "../../test/lab/run";
import { PACMAK, PACMAK_ENV, pacmak } from "./pacmak";

/** The packages that this library depends on; each comes after the packages that it needs itself. */
export const FOUNDATIONS: readonly string[] = ["cdktf", "@cdktf/provider-null"];

export interface JavaFoundations {
  /** The local Maven repository with cdktf's packages. */
  readonly repository: string;
  /** The folder with cdktf's jars and the jars that they need. */
  readonly jars: string;
}

/**
 * Builds the Java packages of cdktf from the npm packages of cdktf, because not every machine can get the Java packages
 * from Maven Central. The dependencies of the Java packages come from Maven Central.
 */
export async function javaFoundations(): Promise<JavaFoundations> {
  const versions = FOUNDATIONS.map((name) => (JSON.parse(readFileSync(join("node_modules", name, "package.json"), "utf8")) as { version: string }).version);
  const folder = await cached("java-cdktf", { PACMAK, versions, MAVEN }, async (into) => {
    const jars = join(into, "jars");
    mkdirSync(jars);
    for (const name of FOUNDATIONS) {
      const out = join(into, "source", name);
      await must([await pacmak(), "--code-only", "--outdir", out, "--target", "java", "--no-parallel", resolve("node_modules", name)], { env: PACMAK_ENV });
      const maven = ["mvn", ...MAVEN, `-Dmaven.repo.local=${join(into, "repository")}`, "-f", join(out, "java/pom.xml")];
      await must([...maven, "install"], { timeout: MINUTES * 60 });
      await must([...maven, "dependency:copy-dependencies", `-DoutputDirectory=${jars}`], { timeout: MINUTES * 60 });
      const target = join(out, "java/target");
      for (const jar of readdirSync(target).filter((file) => file.endsWith(".jar"))) cpSync(join(target, jar), join(jars, jar));
    }
  });
  return { repository: join(folder, "repository"), jars: join(folder, "jars") };
}

/** Options for Maven that build only the jar: no tests, Javadoc, source jar and signature. */
const MAVEN: readonly string[] = ["-B", "-q", "-DskipTests", "-Dmaven.javadoc.skip", "-Dmaven.source.skip", "-Dgpg.skip"];
const MINUTES = 10;
