import { readFileSync, writeFileSync } from "node:fs";
import { Assembly } from "@jsii/spec";
import { buildPackage } from "../package";
import { RELEASED, releasedText } from "./released";

// npm run api: from now on `npm test` compares with the API as it is. For a release, and for a change that has to break apps.
buildPackage();
writeFileSync(RELEASED, releasedText(JSON.parse(readFileSync(".jsii", "utf8")) as Assembly));
console.log(`wrote ${RELEASED}`);
