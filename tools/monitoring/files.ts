import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dashboardFile } from "./dashboard";
import { prometheusFile } from "./prometheus";
import { rulesFile } from "./rules";

/** The files of monitoring/: their texts by file name. */
export function monitoringFiles(): ReadonlyMap<string, string> {
  return new Map([
    ["alerts.yml", rulesFile()],
    ["dashboard.json", dashboardFile()],
    ["prometheus.yml", prometheusFile(["10.12.8.11:9101", "10.12.8.12:9101"])],
  ]);
}

const FOLDER = join(__dirname, "..", "..", "monitoring");

export function writeMonitoringFiles(): void {
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, text] of monitoringFiles()) writeFileSync(join(FOLDER, name), text);
}

/** The names of the files in monitoring/ that differ from what their sources generate. */
export function outdatedMonitoringFiles(): readonly string[] {
  return [...monitoringFiles()].filter(([name, text]) => readFileSync(join(FOLDER, name), "utf8") !== text).map(([name]) => name);
}
