import { writeMonitoringFiles } from "./monitoring/files";
import { buildPackage } from "./package";

buildPackage();
writeMonitoringFiles();
