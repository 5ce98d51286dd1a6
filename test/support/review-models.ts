import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Testing, type TerraformStack } from "cdktf";
import type { ReviewModel } from "../../lib/review/model";
import { REVIEW_FOLDER } from "../../lib/review/notes";

/** The review models that `show` would read. They are recorded while the stack is created and synthesized. */
export function reviewModels(make: () => TerraformStack): readonly ReviewModel[] {
  const folder = mkdtempSync(join(tmpdir(), "review-"));
  process.env[REVIEW_FOLDER] = folder;
  try {
    const stack = make();
    Testing.synth(stack, true);
    return JSON.parse(readFileSync(join(folder, `${stack.node.id}.json`), "utf8")) as ReviewModel[];
  } finally {
    delete process.env[REVIEW_FOLDER];
    rmSync(folder, { recursive: true });
  }
}
