import { readFileSync, readdirSync } from "node:fs";
import * as path from "node:path";

const FOLDER = path.join(__dirname, "../../../lib/host/apply");

/**
 * Every file may assign the variables of these two files. The variables in run.sh say what a deploy is doing, and the
 * variables in head.sh say where the deploy's files are.
 */
const SHARED = ["run.sh", "head.sh"];

/** Variables that belong to one file, and that functions in other files may nevertheless assign. */
const PASSED_ON: readonly string[] = ["default", "in_zone", "said"];

interface File {
  readonly name: string;
  readonly lines: readonly string[];
}

const FILES: readonly File[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".sh"))
  .map((name) => ({ name, lines: readFileSync(path.join(FOLDER, name), "utf8").split("\n").filter((line) => !line.trim().startsWith("#")) }));

const topLevel = ({ lines }: File): readonly string[] => lines.flatMap((line) => /^([a-z_]+)=/.exec(line)?.[1] ?? []);

function inFunctions({ lines }: File): readonly string[] {
  const inside = lines.filter((line) => line.startsWith(" ")).join("\n");
  return [
    ...[...inside.matchAll(/(?:^\s+|[;{] |&& |[|][|] |then |do )([a-z_]+)=/gm)].map(([, name = ""]) => name),
    ...[...inside.matchAll(/\b(?:read -r|for) ([a-z_ ]+?)(?: in | <|;|\)|$)/gm)].flatMap(([, names = ""]) => names.split(" ")),
  ];
}

// apply.sh is made of all files, and sh has no variables of a file. A function that reused the name of another file's constant
// would change it: a deploy with overrule once asked firewalld at a path that was a time.
test("no function of apply.sh assigns a variable that another file sets at its top level", () => {
  const wrong = FILES.filter(({ name }) => !SHARED.includes(name)).flatMap((owner) =>
    topLevel(owner).filter((variable) => !PASSED_ON.includes(variable)).flatMap((variable) =>
      FILES.filter((other) => other !== owner && inFunctions(other).includes(variable)).map((other) => `${other.name} assigns ${variable} of ${owner.name}`)));
  expect(FILES.length).toBeGreaterThan(20);
  expect(wrong).toEqual([]);
});
