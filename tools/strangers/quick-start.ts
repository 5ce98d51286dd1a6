import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ECDSA_HOST_KEY } from "../../test/support/site";
import { Node } from "./node";
import { Package, Stranger, Visit, expect } from "./stranger";
import { Terraform } from "./terraform";

/** A stranger who follows the section Start in README, line by line, in an empty folder. */
export function quickStart(node: Node, made: Package, terraform: Terraform): Stranger {
  return {
    who: `README's start with ${made.framework}, ${node.name}`,
    attempt: async (visit) => {
      const { tarball, name, framework } = made;
      const project = node.programs === undefined ? visit : visit.with(node.programs);
      for (const line of startLines(made)) {
        if (line === `npx ${name} init`) await project.line(`npx --yes --package ${tarball} ${name} init --package ${tarball}`);
        else if (line === "npm install") await installed(project);
        else if (line === `npx ${framework} synth`) await synthesized(project, framework);
        else if (line === "npm test") await tested(project);
        else if (line === `npx ${framework} diff`) await planned(project, framework, terraform);
        else if (line === "npm run show") await shown(project);
        // There are no hosts here; the lab's suites deploy.
        else if (line !== `npx ${framework} deploy`) throw new Error(`README's start has a line that nobody tries here: ${line}`);
      }
      await ignoresKeys(project);
      const versions = JSON.parse(await project.line(`npm ls --json --depth=0 ${framework} constructs typescript jest ${framework}-cli`)) as { dependencies: { [name: string]: { version: string } } };
      return [...Object.entries(versions.dependencies).map(([of, { version }]) => `${of} ${version}`), terraform.version, terraform.provider].join(", ");
    },
  };
}

/** The commands of the section Start in README, without comments, for this package. */
function startLines({ name, framework }: Package): readonly string[] {
  const [, block = ""] = /\n## Start\n[^]*?```sh\n([^]*?)```/.exec(readFileSync("README.md", "utf8")) ?? [];
  return block.split("\n").map((line) => line.replace(/ +#.*/, "").trim()).filter((line) => line !== "" && !line.startsWith("mkdir ")).map((line) => line.replace("cdktf-exchange-balancer", name).replace(/^npx cdktf /, `npx ${framework} `));
}

async function installed(project: Visit): Promise<void> {
  const said = await project.line("npm install --no-audit --no-fund --prefer-offline");
  if (/ERESOLVE|EBADENGINE|npm warn deprecated cdktf-exchange/.test(said)) throw new Error(`npm install complains:\n${said}`);
}

/** Checks that synthesis refuses the placeholder for a host key, and accepts a key. */
async function synthesized(project: Visit, framework: string): Promise<void> {
  expect(await project.refused(`npx ${framework} synth`), /a placeholder\s+\(replace\s+it\s+with\s+the\s+output\s+of\s+`ssh-keyscan\s+HOST`\)/, "the placeholder's error");
  const file = join(project.folder, "mail-stack.ts");
  writeFileSync(file, readFileSync(file, "utf8").replace(/`PUT HERE [^`]*`/g, JSON.stringify(ECDSA_HOST_KEY)));
  expect(await project.line(`npx ${framework} synth`), "Generated Terraform code for the stacks: mail", `${framework} synth`);
}

async function tested(project: Visit): Promise<void> {
  // Without CI=1, as at a desk: jest writes the snapshot.
  expect(await project.line("npm test", { CI: "" }), /1 snapshot written/, "the first npm test");
  expect(await project.line("npm test"), /1 passed/, "the second npm test");
}

async function planned(project: Visit, framework: string, { env }: Terraform): Promise<void> {
  expect(await project.line(`npx ${framework} diff --skip-provider-lock`, env), /Plan: 7 to add, 0 to change, 0 to destroy/, `${framework} diff`);
}

async function shown(project: Visit): Promise<void> {
  await project.line("npm run show");
  expect(readFileSync(join(project.folder, "review/mail/REVIEW.md"), "utf8"), "```mermaid", "review/mail/REVIEW.md");
}

async function ignoresKeys(project: Visit): Promise<void> {
  for (const file of ["exch.pem", "exch.key", "exch.pfx", "terraform.mail.tfstate", "secret.tfvars"]) writeFileSync(join(project.folder, file), "");
  const files = (await project.line("git init --quiet . && git status --porcelain --untracked-files=all")).split("\n").map((line) => line.slice(3)).filter((line) => line !== "" && !line.startsWith("review/"));
  const wanted = [".gitignore", "__snapshots__/mail-stack.test.ts.snap", "cdktf.json", "mail-stack.test.ts", "mail-stack.ts", "main.ts", "package-lock.json", "package.json", "tsconfig.json"];
  if (files.sort().join() !== wanted.join()) throw new Error(`git add . would take: ${files.join(", ")}`);
}
