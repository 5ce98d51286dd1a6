import { buildPackage } from "./package";
import { bin, step } from "./run";

// docs/api.md is made from the docstrings; `npm test` fails when it is not what they say.
buildPackage();
step("writing docs/api.md", [bin("jsii-docgen"), "--output", "docs/api.md"]);
