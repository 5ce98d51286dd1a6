import { existsSync, readFileSync } from "node:fs";
import { links, pages, target } from "../support/markdown";

const { repository, files } = JSON.parse(readFileSync("package.json", "utf8")) as { repository: { url: string }; files: string[] };
const ONLINE = `${repository.url.replace(/[.]git$/, "")}/blob/main/`;
/** The address from which GitHub serves raw pictures. At ONLINE, GitHub serves an HTML page that contains the picture. */
const RAW = ONLINE.replace("github.com", "raw.githubusercontent.com").replace("/blob/", "/");
const online = (link: string): string | undefined => [ONLINE, RAW].flatMap((start) => (link.startsWith(start) ? [link.slice(start.length).replace(/#.*/, "")] : []))[0];

/** Whether npm puts the file into the package. */
const isPacked = (file: string): boolean =>
  ["README.md", "LICENSE", "package.json"].includes(file) || files.some((pattern) => new RegExp(`^${pattern.replace(/[.]/g, "[.]").replace(/[*][*][/]/g, "(.*/)?").replace(/[*]/g, "[^/]*")}$`).test(file));

test.each(pages())("every link of %s leads to a file of this repository or to another site", (page) => {
  for (const link of links(page)) {
    const file = online(link) ?? (/^https?:/.test(link) ? undefined : target(page, link));
    if (file !== undefined) expect([link, existsSync(file)]).toEqual([link, true]);
  }
});

test("every link of README is a complete URL, because a package registry's page cannot resolve relative links", () => {
  expect(links("README.md").filter((link) => !/^https:/.test(link))).toEqual([]);
});

test("README's pictures have raw URLs, because a package registry's page does not show other URLs as pictures", () => {
  const pictures = [...readFileSync("README.md", "utf8").matchAll(/!\[[^\]]*\]\(([^)]*)\)/g)].map(([, to = ""]) => to);
  expect(pictures).not.toEqual([]);
  expect(pictures.filter((to) => !to.startsWith(RAW))).toEqual([]);
});

test.each(pages().filter(isPacked).filter((page) => page !== "README.md"))("every relative link of %s leads to a file that is in the package", (page) => {
  expect(links(page).filter((link) => !/^https:/.test(link) && !isPacked(target(page, link)))).toEqual([]);
});
