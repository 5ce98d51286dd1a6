import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ModuleKind, ScriptTarget, transpileModule } from "typescript";

const ROOT = join(__dirname, "..", "..");
const SOURCES = [
  "bench/synth/children/library.ts",
  "bench/synth/children/plain.ts",
  "bench/synth/children/report.ts",
  "bench/synth/children/sites.ts",
  "examples/article-ssl-bridge/main.ts",
];
const MODULES = ["@cdktf", "cdktf", "constructs"];

/**
 * A folder like a user's app: compiled JavaScript, and a node_modules with the built package. No TypeScript loader runs
 * there, so a run takes as long as a user's run.
 */
export class Workshop {
  public readonly folder = mkdtempSync(join(tmpdir(), "cdktf-exchange-balancer-bench-"));

  public constructor() {
    const modules = join(this.folder, "node_modules");
    mkdirSync(modules);
    for (const name of MODULES) symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
    symlinkSync(ROOT, join(modules, "cdktf-exchange-balancer"));
    for (const source of SOURCES) this.compile(source);
  }

  /** Returns the path of the compiled form of `source`. `source` is a path relative to the repository. */
  public compiled(source: string): string {
    return join(this.folder, source.replace(/\.ts$/, ".js"));
  }

  public remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private compile(source: string): void {
    const { outputText } = transpileModule(readFileSync(join(ROOT, source), "utf8"), {
      compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022, esModuleInterop: true },
    });
    mkdirSync(dirname(this.compiled(source)), { recursive: true });
    writeFileSync(this.compiled(source), outputText);
  }
}

/**
 * Returns what is wrong with the built package, or undefined if the built package is up to date. The bench measures
 * dist/, not lib/.
 */
export function buildFault(): "missing" | "older than lib/" | undefined {
  const built = statSync(join(ROOT, "dist", "bundle", "index.js"), { throwIfNoEntry: false });
  if (built === undefined) return "missing";
  const lib = join(ROOT, "lib");
  const newer = readdirSync(lib, { recursive: true, encoding: "utf8" }).some(
    (file) => file.endsWith(".ts") && statSync(join(lib, file)).mtimeMs > built.mtimeMs,
  );
  return newer ? "older than lib/" : undefined;
}
