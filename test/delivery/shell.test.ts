import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ShellFile, shellScript } from "../../lib/delivery/shell";
import { unescape } from "../../lib/delivery/terraform-text";

const FOLDER = join(__dirname, "../../lib/delivery/shell");
const FILES = readdirSync(FOLDER).map((file) => file.replace(/\.sh$/, "") as ShellFile);
const text = (file: ShellFile): string => readFileSync(join(FOLDER, `${file}.sh`), "utf8");
const places = (file: ShellFile): string[] => [...text(file).matchAll(/@([A-Z_]+)@/g)].map(([, place]) => place ?? "");
const filled = (files: readonly ShellFile[]): string =>
  shellScript(files, Object.fromEntries(files.flatMap(places).map((place) => [place, `f("${place}")`])));

test.each(FILES)("%s.sh reaches the host unchanged, except that comments are removed and placeholders are filled in", (file) => {
  const expected = text(file).replace(/^#.*\n/gm, "").replace(/@([A-Z_]+)@/g, (_, place: string) => `<${place}>`);
  const { script, expressions } = evaluated(filled([file]));
  expect(script).toBe(expected);
  expect(expressions).toEqual(places(file));
});

/**
 * Evaluates a template as Terraform does, and returns the script and the places of the expressions. Each expression in
 * the template must be of the form `f("PLACE")`.
 */
function evaluated(template: string): { script: string; expressions: string[] } {
  const expressions: string[] = [];
  const script = template.replace(/(?<!\$)\$\{f\("([A-Z_]+)"\)\}/g, (_, place: string) => {
    expressions.push(place);
    return `<${place}>`;
  });
  expect(script).not.toMatch(/(?<![$%])[$%]\{/);
  return { script: unescape(script), expressions };
}

test.each(FILES)("%s.sh has placeholders only where the shell runs no code: inside quotes or in a quoted here-document", (file) => {
  let inDocument = false;
  for (const line of text(file).split("\n")) {
    if (line === "==") inDocument = false;
    if (line.includes("@") && !line.startsWith("#")) expect(inDocument ? line : line.replace(/'@[A-Z_]+@'/g, "")).toMatch(inDocument ? /^@[A-Z_]+@$/ : /^[^@]*$/);
    if (line.includes("<<")) {
      expect(line).toContain("<<'=='");
      inDocument = true;
    }
  }
});

test("a placeholder that gets a list of expressions becomes one line for each expression", () => {
  expect(shellScript(["delivery"], { IDENTITY: "a", ORIGIN: "1", FILES: ["b", "c"] })).toContain("<<'=='\n${b}\n${c}\n==\n");
});

test("a placeholder without a value is an error", () => {
  expect(() => shellScript(["delivery"], { IDENTITY: "a" })).toThrow("nothing was given for @ORIGIN@");
});
