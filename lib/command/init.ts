import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { failure } from "../validation/errors";
import { writeNew } from "./files";

export const INIT_USAGE = `cdktf-exchange-balancer init [FOLDER] [--package SPEC]

  writes a small project: one stack with a balancer, its snapshot test, versions that fit each other, and a .gitignore
  for keys. The default FOLDER is the current folder. Existing files are never overwritten.

  --package    the package for package.json, such as the path of a tarball; the default is the version that runs now
`;

/** The folder of this package. This relative path works both in lib/command and in dist/command. */
const PACKAGE = join(__dirname, "..", "..");

/**
 * Writes a new CDKTF project into a folder. Returns the exit status.
 *
 * @throws if one of the project's files already exists; the message is for the user
 */
export function init(args: readonly string[], print: (line: string) => void): number {
  const { values, positionals } = parseArgs({ args: [...args], options: { package: { type: "string" }, help: { type: "boolean" } }, allowPositionals: true });
  if (values.help === true) {
    print(INIT_USAGE);
    return 0;
  }
  const [folder = ".", ...others] = positionals;
  if (others.length > 0) throw failure(`init takes one folder, got ${positionals.join(" ")}`);
  const { name, version } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8")) as { name: string; version: string };
  const wanted = values.package ?? `^${version}`;
  mkdirSync(folder, { recursive: true });
  const files = readdirSync(join(PACKAGE, "start")).map((file) => ({
    // In a package, npm leaves out or renames a file with the name `.gitignore`. So the file's name in the package is
    // `gitignore`.
    path: join(folder, file === "gitignore" ? ".gitignore" : file),
    content: withVersion(file, readFileSync(join(PACKAGE, "start", file), "utf8"), { name, wanted, project: npmName(basename(resolve(folder))) }),
  }));
  writeNew(files);
  files.forEach(({ path }) => print(path));
  print(NEXT);
  return 0;
}

const NEXT = `
Put your addresses and host keys into mail-stack.ts, then:

  npm install
  npx cdktf synth       # cdk.tf.json, in cdktf.out/
  npm test              # writes a snapshot of the hosts' files; read and commit it
  npx cdktf diff        # what a deploy would change; needs Terraform or, with TERRAFORM_BINARY_NAME=tofu, OpenTofu
  npx cdktf deploy
`;

function withVersion(file: string, content: string, { name, wanted, project }: { name: string; wanted: string; project: string }): string {
  if (file === "cdktf.json") return content.replace('"projectId": "mail"', `"projectId": ${JSON.stringify(project)}`);
  if (file !== "package.json") return content;
  return content.replace('"name": "mail"', `"name": ${JSON.stringify(project)}`).replace(`"${name}": "*"`, `${JSON.stringify(name)}: ${JSON.stringify(wanted)}`);
}

/**
 * Turns a folder's name into a package name that npm allows: small letters and digits, and after the first character
 * also `-`, `.` and `_`.
 */
function npmName(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9._-]+/g, "-").replace(/^[^a-z0-9]+/, "") || "mail";
}
