import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { must } from "../../test/lab/run";
import { PACMAK_ENV, pacmak } from "../bindings/pacmak";

/**
 * Builds the Python wheel of a packed package. The wheel's page on PyPI is docs/python.md, because README's code is
 * TypeScript. Needs Python and access to PyPI.
 */
export async function wheel(tarball: string, scratch: string): Promise<string> {
  const source = join(scratch, "for-python");
  mkdirSync(source);
  await must(["tar", "-xzf", tarball, "--strip-components=1", "-C", source]);
  // Its own bundled libraries came with it; those that it is a guest of are looked up beside them.
  const modules = join(source, "node_modules");
  mkdirSync(join(modules, "@cdktf"), { recursive: true });
  for (const name of ["cdktf", "constructs", "@cdktf/provider-null"]) if (!existsSync(join(modules, name))) symlinkSync(resolve("node_modules", name), join(modules, name));
  const page = readFileSync(join(source, "docs/python.md"), "utf8");
  writeFileSync(join(source, "README.md"), page);
  const assembly = JSON.parse(readFileSync(join(source, ".jsii"), "utf8")) as { schema: string; filename?: string; compression?: string; readme?: object };
  const whole = assembly.schema === "jsii/file-redirect"
    ? (JSON.parse(gunzipSync(readFileSync(join(source, assembly.filename ?? ""))).toString()) as { readme?: object })
    : assembly;
  writeFileSync(join(source, ".jsii"), JSON.stringify({ ...whole, readme: { markdown: page } }));
  const out = join(scratch, "python");
  await must([await pacmak(), "--outdir", out, "--target", "python", "--no-parallel", source], {
    cwd: source, env: PACMAK_ENV,
  });
  const made = readdirSync(join(out, "python")).find((file) => file.endsWith(".whl"));
  if (made === undefined) throw new Error(`jsii-pacmak made no wheel in ${out}`);
  return join(out, "python", made);
}
