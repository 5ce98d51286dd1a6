import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import * as library from "cdktf-exchange-balancer";
import { INIT_USAGE } from "../../lib/command/init";
import { SHOW_USAGE } from "../../lib/command/show";
import { STATUS_USAGE } from "../../lib/command/status";
import { USAGE } from "../../lib/command/cert";
import { links, pages } from "../support/markdown";

/** Each page, with a list of its code spans, and with the text of all its code blocks, indented lines and code spans. */
const all = pages().map((page) => {
  const text = readFileSync(page, "utf8");
  const blocks = [...text.matchAll(/^ *```\w*\n([^]*?)^ *```$/gm)].map(([, block = ""]) => block);
  const indented = [...text.matchAll(/^ {4}\S.*$/gm)].map(([line]) => line);
  const spans = [...text.replace(/^ *```[^]*?^ *```$/gm, "").matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span);
  return { page, spans, code: [...blocks, ...indented, ...spans].join("\n") };
});

function files(folder: string, ext: RegExp): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? files(join(folder, entry.name), ext) : ext.test(entry.name) ? [join(folder, entry.name)] : []));
}

const source = [...files("lib", /[.](ts|sh|awk|lua|js)$/), ...files("tools", /[.]ts$/), ...files("test/lab", /[.](ts|py|sh)$/), "eslint.config.mjs", "bin/settings.ts", "package.json", "start/package.json"].map((file) => readFileSync(file, "utf8")).join("\n");
const exported = library as unknown as { readonly [name: string]: { readonly [member: string]: unknown } | undefined };

/** Names that belong to IIS, Java or Microsoft's repositories, and not to this library. */
const OF_OTHERS: readonly string[] = ["allowDoubleEscaping", "interfaceValue", "docs/Security/Extended-Protection.md"];

describe.each(all)("names in the code spans and blocks of $page", ({ page, spans, code }) => {
  test("every prop and function that a documentation page mentions exists", () => {
    const names = spans.filter((span) => /^[a-z]+[a-z0-9]*([A-Z][a-z0-9]+)+$/.test(span));
    expect(names.filter((name) => !OF_OTHERS.includes(name) && !new RegExp(`\\b${name}\\b`).test(source))).toEqual([]);
  });

  test("if a documentation page mentions a member of a class of this library, the class has this member", () => {
    // Other languages' spellings have pages of their own, which strangers run.
    const members = ["docs/python.md", "docs/java-and-go.md"].includes(page) ? [] : [...code.matchAll(/\b([A-Z]\w+)[.]([a-zA-Z_]\w*)/g)].filter(([, name = ""]) => exported[name] !== undefined);
    expect(members.filter(([, name = "", member = ""]) => exported[name]?.[member] === undefined).map(([whole]) => whole)).toEqual([]);
  });

  test("every npm script, lab suite, bench and command that a documentation page mentions exists", () => {
    const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: object };
    const start = JSON.parse(readFileSync("start/package.json", "utf8")) as { scripts: object };
    const suites = readdirSync("test/lab").filter((name) => name.endsWith(".lab.ts"));
    const found = (pattern: RegExp): string[] => [...code.matchAll(pattern)].map(([, name = ""]) => name);
    expect(found(/npm run (?:--silent )?([a-z]+)/g).filter((name) => !(name in scripts) && !(name in start.scripts))).toEqual([]);
    // jest takes the name as a part of a path.
    expect(found(/npm run lab -- test ([a-z][a-z.-]*)/g).filter((name) => !suites.some((suite) => suite.startsWith(name)))).toEqual([]);
    expect(found(/npm run bench -- ([a-z]+)/g).filter((name) => !existsSync(join("bench", name)))).toEqual([]);
    expect(found(/npx cdktf-exchange-balancer ([a-z][a-z -]*[a-z])/g).filter((command) => ![USAGE, INIT_USAGE, SHOW_USAGE, STATUS_USAGE].some((usage) => usage.includes(`cdktf-exchange-balancer ${command}`) || usage.includes(`cdktf-exchange-balancer ${command.split(" ")[0]}`)))).toEqual([]);
    const tool = readFileSync("lib/host/tools/exchange-balancer.sh", "utf8");
    expect(found(/(?<![-\w/."])exchange-balancer ([a-z]+)/g).filter((command) => !new RegExp(`^ +${command}( [^)]*)?[)|]|[|] ${command}\\b`, "m").test(tool))).toEqual([]);
  });

  test("every file and folder that a documentation page mentions exists", () => {
    const named = [...code.matchAll(/(?<![\w/.@-])((?:lib|test|examples|bin|bench|tools|monitoring|start|docs)[/][\w./-]*\w)(?![\w/*-])/g)].map(([, file = ""]) => file);
    expect(named.filter((file) => !OF_OTHERS.includes(file) && !existsSync(file) && !existsSync(join(dirname(page), file)))).toEqual([]);
  });

  test("if a documentation page links to a section, the section exists", () => {
    const headings = (file: string): readonly string[] => [...readFileSync(file, "utf8").matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) => title.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replace(/ /g, "-"));
    const own = [...readFileSync(page, "utf8").replace(/^ *```[^]*?^ *```$/gm, "").matchAll(/\]\((#[^()\s]+)\)/g)].map(([, to = ""]) => to);
    const broken = [...own, ...links(page)].filter((link) => {
      const [file = "", section] = link.replace(/^https:[^#]*[/]blob[/]main[/]/, "/").split("#");
      if (section === undefined || /^https?:/.test(file)) return false;
      const path = file === "" ? page : file.startsWith("/") ? file.slice(1) : join(dirname(page), file);
      // docs/api.md has anchors of its own.
      return path.endsWith(".md") && path !== "docs/api.md" && !headings(path).includes(section);
    });
    expect(broken).toEqual([]);
  });
});
