import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

/** A fenced code block of a documentation page. */
export interface Block {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

/** The pages that people read, except docs/api.md, which is generated from the docstrings. */
export function pages(): readonly string[] {
  return ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", ...readdirSync("docs").filter((file) => file.endsWith(".md") && file !== "api.md").map((file) => `docs/${file}`)].filter((file) => existsSync(file));
}

export function blocks(page: string): readonly Block[] {
  const text = readFileSync(page, "utf8");
  return [...text.matchAll(/^( *)```(\w*)\n([^]*?)^ *```$/gm)].map(({ index, 1: indent = "", 2: language = "", 3: content = "" }) => ({
    page, language, line: text.slice(0, index).split("\n").length, text: content.replace(new RegExp(`^${indent}`, "gm"), ""),
  }));
}

/** The targets of a page's links, except links to its own sections. */
export function links(page: string): readonly string[] {
  const text = readFileSync(page, "utf8").replace(/^ *```[^]*?^ *```$/gm, "").replace(/`[^`\n]*`/g, "");
  return [...text.matchAll(/\]\(([^()\s]+)\)/g)].map(([, to = ""]) => to).filter((to) => !to.startsWith("#"));
}

/** The repository file to which a page's relative link leads. */
export function target(page: string, link: string): string {
  return join(dirname(page), link.replace(/#.*/, ""));
}
