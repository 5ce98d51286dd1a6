import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { breakingChanges } from "./api/check";
import { readApi } from "./api/read";
import { RELEASED } from "./api/released";
import { apiReference } from "./api/render";
import { asConsumer } from "./consumer";
import { buildPackage } from "./package";
import { bin, run, step } from "./run";
import { THIRD_PARTY, thirdPartyText } from "./third-party";

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
  if (thirdPartyText() !== readFileSync(THIRD_PARTY, "utf8")) {
    console.log(`${THIRD_PARTY} is not what is bundled: run \`npm run build\` and commit it`);
    process.exit(1);
  }
  const breaking = breakingChanges(join(scratch, "released"));
  if (breaking.length > 0) {
    console.log(`${breaking.length} changes break apps that were written for ${RELEASED}:\n    ${breaking.join("\n    ")}`);
    console.log("Keep the old name or type beside the new one. If apps have to break: `npm run api`, commit the file, and say in CHANGELOG.md what they have to change.");
    process.exit(1);
  }
  asConsumer(scratch);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

// Last, and with jest's own output: `npm test -- -t NAME` and the like go to jest.
run([bin("jest"), "--config", "test/jest.config.js", ...process.argv.slice(2)]);
