import { readFileSync } from "node:fs";
import { join } from "node:path";
import { OsSystem, SYSTEMS } from "../../lib/host/systems";

/** README's table, a row a line: systems that ship the same versions share one. */
function expectedRows(): string[] {
  const rows = new Map<string, string[]>();
  for (const { name, haproxyRelease, keepalivedRelease } of Object.values<OsSystem>(SYSTEMS)) {
    const versions = `| ${haproxyRelease} | ${keepalivedRelease} |`;
    rows.set(versions, [...(rows.get(versions) ?? []), name]);
  }
  return [...rows].map(([versions, names]) => `| ${names.join(", ")} ${versions}`);
}

test("README's table of systems is the table that profiles are made of", () => {
  const readme = readFileSync(join(__dirname, "../../README.md"), "utf8");
  const [, table = ""] = /^[|] profile [|] HAProxy [|] keepalived [|].*\n[|][-|]+\n((?:[|].*\n)+)/m.exec(readme) ?? [];
  const rows = table.trimEnd().split("\n").map((line) => line.split("|").slice(0, 4).join("|") + "|");
  expect(rows).toEqual(expectedRows());
});
