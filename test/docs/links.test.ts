import { existsSync, readFileSync } from "node:fs";
import { links, pages, target } from "../support/markdown";

const { repository, files } = JSON.parse(readFileSync("package.json", "utf8")) as { repository: { url: string }; files: string[] };
const ONLINE = `${repository.url.replace(/[.]git$/, "")}/blob/main/`;
/** Where GitHub serves a picture itself: ONLINE is a page around it. */
const RAW = ONLINE.replace("github.com", "raw.githubusercontent.com").replace("/blob/", "/");
const online = (link: string): string | undefined => [ONLINE, RAW].flatMap((start) => (link.startsWith(start) ? [link.slice(start.length).replace(/#.*/, "")] : []))[0];

/** Whether npm packs it. */
const isPacked = (file: string): boolean =>
  ["README.md", "LICENSE", "package.json"].includes(file) || files.some((pattern) => new RegExp(`^${pattern.replace(/[.]/g, "[.]").replace(/[*][*][/]/g, "(.*/)?").replace(/[*]/g, "[^/]*")}$`).test(file));

test.each(pages())("every link of %s leads to a file of this repository or to another site", (page) => {
  for (const link of links(page)) {
    const file = online(link) ?? (/^https?:/.test(link) ? undefined : target(page, link));
    if (file !== undefined) expect([link, existsSync(file)]).toEqual([link, true]);
  }
});

test("every link of README is a complete URL, so that it works on a package registry's page", () => {
  expect(links("README.md").filter((link) => !/^https:/.test(link))).toEqual([]);
});

test("README's pictures are served as pictures, so that a package registry's page shows them", () => {
  const pictures = [...readFileSync("README.md", "utf8").matchAll(/!\[[^\]]*\]\(([^)]*)\)/g)].map(([, to = ""]) => to);
  expect(pictures).not.toEqual([]);
  expect(pictures.filter((to) => !to.startsWith(RAW))).toEqual([]);
});

test.each(pages().filter(isPacked).filter((page) => page !== "README.md"))("every relative link of %s leads to a file that is in the package", (page) => {
  expect(links(page).filter((link) => !/^https:/.test(link) && !isPacked(target(page, link)))).toEqual([]);
});
