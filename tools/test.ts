import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readApi } from "./api/read";
import { apiReference } from "./api/render";
import { asConsumer } from "./consumer";
import { buildPackage } from "./package";
import { bin, run, step } from "./run";

// npm test: everything that Node alone can check. The real hosts are `npm run lab -- test`.

step("type check", [bin("tsc"), "-p", "tsconfig.dev.json"]);
step("lint", [bin("eslint"), "."]);
buildPackage();

const scratch = mkdtempSync(join(tmpdir(), "cdktf-exchange-balancer-"));
try {
  if (apiReference(readApi()) !== readFileSync("docs/api.md", "utf8")) {
    console.log("docs/api.md differs from the docstrings. Run `npm run docs` and commit docs/api.md");
    process.exit(1);
  }
  asConsumer(scratch);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

// Last, and with jest's own output: `npm test -- -t NAME` and the like go to jest.
run([bin("jest"), "--config", "test/jest.config.js", ...process.argv.slice(2)]);
