import { readFileSync, writeFileSync } from "node:fs";
import { matrixRows, readRuns } from "../lab/matrix-results";

const PAGE = "docs/systems.md";
const TABLE = /(<!-- lab matrix:[^\n]*-->\n)[^]*?(<!-- end of lab matrix -->)/;

/** The table that docs/systems.md must show for the stored results of `npm run lab -- matrix`. */
function table(): string {
  const runs = readRuns();
  const [head = [], ...rows] = matrixRows(runs);
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
  const dates = [...new Set(runs.map(({ date }) => date.slice(0, 10)))].sort();
  const days = dates.length < 2 ? dates.join("") : `${dates[0] ?? ""} to ${dates.at(-1) ?? ""}`;
  const commits = [...new Set(runs.map(({ commit }) => `\`${commit}\``))];
  const from = runs.length === 0 ? "There are no results yet." : `These results are from ${days}, for ${commits.length === 1 ? "commit" : "commits"} ${commits.join(", ")}.`;
  return `${line(head)}|${"---|".repeat(head.length)}\n${rows.map(line).join("")}\n${from}\n`;
}

test("the table of suites and systems in docs/systems.md shows the results of the lab's last runs", () => {
  const page = readFileSync(PAGE, "utf8");
  expect(TABLE.test(page)).toBe(true);
  const current = page.replace(TABLE, (_, start: string, end: string) => `${start}\n${table()}\n${end}`);
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(PAGE, current);
  expect(readFileSync(PAGE, "utf8")).toBe(current);
});
