import { existsSync, readFileSync } from "node:fs";
import { links, pages, target } from "../support/markdown";

const { repository, files } = JSON.parse(readFileSync("package.json", "utf8")) as { repository: { url: string }; files: string[] };
const ONLINE = `${repository.url.replace(/[.]git$/, "")}/blob/main/`;

/** Whether npm packs it. */
const isPacked = (file: string): boolean =>
  ["README.md", "LICENSE", "package.json"].includes(file) || files.some((pattern) => new RegExp(`^${pattern.replace(/[.]/g, "[.]").replace(/[*][*][/]/g, "(.*/)?").replace(/[*]/g, "[^/]*")}$`).test(file));

test.each(pages())("every link of %s leads to a file of this repository or to another site", (page) => {
  for (const link of links(page)) {
    const file = link.startsWith(ONLINE) ? link.slice(ONLINE.length).replace(/#.*/, "") : /^https?:/.test(link) ? undefined : target(page, link);
    if (file !== undefined) expect([link, existsSync(file)]).toEqual([link, true]);
  }
});

test("every link of README is a complete URL, so that it works on a package registry's page", () => {
  expect(links("README.md").filter((link) => !/^https:/.test(link))).toEqual([]);
});

test.each(pages().filter(isPacked).filter((page) => page !== "README.md"))("every relative link of %s leads to a file that is in the package", (page) => {
  expect(links(page).filter((link) => !/^https:/.test(link) && !isPacked(target(page, link)))).toEqual([]);
});
