import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { Package, Visit } from "./stranger";

/** A project with the packed package beside this repository's cdktf, for whoever tries something else than npm. */
export async function consumer(visit: Visit, { tarball, name }: Package): Promise<Visit> {
  const modules = join(visit.folder, "node_modules");
  mkdirSync(join(modules, name), { recursive: true });
  mkdirSync(join(modules, "@cdktf"));
  await visit.line(`tar -xzf ${tarball} --strip-components=1 -C node_modules/${name}`);
  for (const one of ["cdktf", "constructs", "@cdktf/provider-null", "tsx"]) symlinkSync(resolve("node_modules", one), join(modules, one));
  cpSync("examples", join(visit.folder, "examples"), { recursive: true });
  return visit;
}
