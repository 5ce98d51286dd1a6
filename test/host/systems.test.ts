import { readFileSync } from "node:fs";
import { join } from "node:path";
import { OsSystem, SYSTEMS } from "../../lib/host/systems";

/** The rows of the table of systems in README. Systems with the same versions share a row. */
function expectedRows(): string[] {
  const rows = new Map<string, string[]>();
  for (const { name, haproxyRelease, keepalivedRelease } of Object.values<OsSystem>(SYSTEMS)) {
    const versions = `| ${haproxyRelease} | ${keepalivedRelease} |`;
    rows.set(versions, [...(rows.get(versions) ?? []), name]);
  }
  return [...rows].map(([versions, names]) => `| ${names.join(", ")} ${versions}`);
}

test("the table of systems in README has the names and versions of SYSTEMS", () => {
  const readme = readFileSync(join(__dirname, "../../README.md"), "utf8");
  const [, table = ""] = /^[|] profile [|] HAProxy [|] keepalived [|].*\n[|][-|]+\n((?:[|].*\n)+)/m.exec(readme) ?? [];
  const rows = table.trimEnd().split("\n").map((line) => line.split("|").slice(0, 4).join("|") + "|");
  expect(rows).toEqual(expectedRows());
});

test("each profile's docstring has the name and versions of its entry in SYSTEMS", () => {
  const source = readFileSync(join(__dirname, "../../lib/choices/os-profile.ts"), "utf8");
  for (const [key, { name, version, haproxyRelease, keepalivedRelease }] of Object.entries<OsSystem>(SYSTEMS)) {
    const [, text = ""] = new RegExp(`[/][*][*] (.*) [*][/]\\n  public static readonly ${key} = `).exec(source) ?? [];
    const elder = Object.values<OsSystem>(SYSTEMS).find((row) => row.name === `AlmaLinux ${version}`);
    const own = `HAProxy ${haproxyRelease}, keepalived ${keepalivedRelease}.`;
    const same = elder?.haproxyRelease === haproxyRelease && elder.keepalivedRelease === keepalivedRelease ? `with the same versions as AlmaLinux ${version}.` : own;
    expect(text.replace("Red Hat Enterprise Linux", "RHEL").startsWith(name)).toBe(true);
    expect([own, same].some((said) => text.endsWith(said))).toBe(true);
  }
});
