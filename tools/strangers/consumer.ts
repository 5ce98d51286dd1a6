import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Package, Visit } from "./stranger";

/** Prepares a project that has the packed package and the framework in node_modules, without npm install. */
export async function consumer(visit: Visit, { tarball, name, framework }: Package, repository = "."): Promise<Visit> {
  const modules = join(visit.folder, "node_modules");
  mkdirSync(join(modules, name), { recursive: true });
  await visit.line(`tar -xzf ${tarball} --strip-components=1 -C node_modules/${name}`);
  for (const one of [framework, "constructs", "tsx", ...(framework === "cdktf" ? ["@cdktf/provider-null"] : [])]) {
    mkdirSync(dirname(join(modules, one)), { recursive: true });
    symlinkSync(resolve(repository, "node_modules", one), join(modules, one));
  }
  cpSync(join(repository, "examples"), join(visit.folder, "examples"), { recursive: true });
  return visit;
}
