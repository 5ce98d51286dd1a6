import { bin, step } from "./run";

// docs/api.md is made from the docstrings; `npm test` fails when it is not what they say.
step("building the package", [bin("jsii"), "--silence-warnings=reserved-word"]);
step("writing docs/api.md", [bin("jsii-docgen"), "--output", "docs/api.md"]);
