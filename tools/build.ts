import { writeFileSync } from "node:fs";
import { writeMonitoringFiles } from "./monitoring/files";
import { buildPackage } from "./package";
import { THIRD_PARTY, thirdPartyText } from "./third-party";

buildPackage();
writeMonitoringFiles();
writeFileSync(THIRD_PARTY, thirdPartyText());
