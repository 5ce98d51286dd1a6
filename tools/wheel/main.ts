import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { wheel } from "./wheel";

// npm run wheel TARBALL FOLDER: what PyPI gets of a packed package, with docs/python.md as its page. The strangers try the same.

async function main([tarball, folder]: readonly string[]): Promise<void> {
  if (tarball === undefined || folder === undefined) throw new Error("npm run wheel TARBALL FOLDER");
  const scratch = mkdtempSync(join(tmpdir(), "wheel-"));
  try {
    const made = dirname(await wheel(resolve(tarball), scratch));
    mkdirSync(folder, { recursive: true });
    cpSync(made, folder, { recursive: true });
    console.log(readdirSync(folder).join("\n"));
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
