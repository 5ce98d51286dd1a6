import { writeMonitoringFiles } from "./files";

writeMonitoringFiles();
