import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { blocks } from "../../test/support/markdown";
import { ECDSA_HOST_KEY } from "../../test/support/site";
import { certificate } from "./certificate";
import { consumer } from "./consumer";
import { Package, Stranger, expect } from "./stranger";
import { same } from "./synthesized";
import { wheel } from "../wheel/wheel";

/**
 * A stranger who follows docs/python.md exactly, uses every choice in Python, and compares the stacks with the stacks
 * of the same code in TypeScript.
 */
export function python(made: Package, scratch: string): Stranger {
  return {
    who: "Python, docs/python.md and every choice",
    attempt: async (visit) => {
      const file = await wheel(made.tarball, scratch);
      await visit.line("python3 -m venv .venv");
      const person = visit.with(join(visit.folder, ".venv/bin"));
      await person.line(`pip install --quiet --disable-pip-version-check ${file} mypy pytest`);
      pageIsPython(await person.line("python -c 'import importlib.metadata as m; print(m.metadata(\"cdktf-exchange-balancer\").get_payload())'"));

      const [main = "", choices = "", test = ""] = blocks("docs/python.md").filter(({ language }) => language === "python").map(({ text }) => text);
      writeFileSync(join(visit.folder, "main.py"), main);
      writeFileSync(join(visit.folder, "choices.py"), choices);
      writeFileSync(join(visit.folder, "test_mail.py"), test);
      cpSync("tools/strangers/everything/main.py", join(visit.folder, "everything.py"));
      for (const name of ["lb01.keys", "lb02.keys"]) writeFileSync(join(visit.folder, name), `${ECDSA_HOST_KEY}\n`);
      const typescript = await consumer(visit.in("typescript"), made);
      await certificate(typescript, visit.folder);

      await person.line("mypy --strict main.py choices.py test_mail.py everything.py");
      await person.line("python main.py && python choices.py && python everything.py");
      await person.line("pytest -q test_mail.py");
      writeFileSync(join(visit.folder, "wrong.py"), main.replace("virtual_router_id=233", "virtual_router_id=0"));
      expect(await person.refused("python wrong.py"), "virtual_router_id must be an integer from 1 to 255, got 0 [mail/Mail/Vip]", "an error's words");

      mkdirSync(join(typescript.folder, "everything"));
      cpSync("tools/strangers/everything/main.ts", join(typescript.folder, "everything/main.ts"));
      writeFileSync(join(typescript.folder, "readme.ts"), readmeExample());
      for (const file of ["exch.pem", "mydomain-root.ca", "lb01.keys", "lb02.keys"]) cpSync(join(visit.folder, file), join(typescript.folder, file));
      await typescript.line("node --import tsx everything/main.ts && node --import tsx readme.ts");
      for (const stack of ["everything", "mail"]) same(stack, { Python: visit, TypeScript: typescript });
      const versions = await person.line("pip list --disable-pip-version-check --format=freeze");
      return [await person.line("python --version"), ...versions.split("\n").filter((line) => /^(cdktf|constructs|jsii|mypy|pytest)==/.test(line))].map((text) => text.trim()).join(", ");
    },
  };
}

function pageIsPython(page: string): void {
  expect(page, "client_names=", "the wheel's page");
  if (/clientNames|```ts/.test(page)) throw new Error(`the wheel's page has TypeScript:\n${page}`);
}

/** README's example as a complete program, with a stack around it as in docs/python.md. */
export function readmeExample(): string {
  const text = blocks("README.md").find(({ text: block }) => block.includes("new ExchangeBalancer("))?.text ?? "";
  const imports = [...text.matchAll(/^import .*$/gm)].map(([line]) => line);
  const rest = text.split("\n").filter((line) => !line.startsWith("import ")).join("\n");
  return [
    ...imports, 'import { App, TerraformStack } from "cdktf";', "const app = new App();",
    `class MailStack extends TerraformStack { constructor() { super(app, "mail");\n${rest}\n} }`, "new MailStack();", "app.synth();",
  ].join("\n");
}
