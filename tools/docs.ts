import { writeFileSync } from "node:fs";
import { readApi } from "./api/read";
import { apiReference } from "./api/render";
import { buildPackage } from "./package";

// docs/api.md is generated from the docstrings; `npm test` fails if the two differ.
buildPackage();
writeFileSync("docs/api.md", apiReference(readApi()));
console.log("wrote docs/api.md");
