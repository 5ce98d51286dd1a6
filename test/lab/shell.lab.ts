import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { applyScript } from "../../lib/host/scripts";
import { REPOSITORY } from "./paths";
import { run } from "./run";

const APPLY = "lib/host/apply/";
const SCRIPTS = ["lib", "test"].flatMap((folder) =>
  readdirSync(path.join(REPOSITORY, folder), { recursive: true, encoding: "utf8" })
    .map((file) => path.join(folder, file))
    .filter((file) => file.endsWith(".sh") && !file.startsWith(APPLY)),
);

test.each(SCRIPTS)("shellcheck accepts %s", async (script) => {
  const { status, stdout } = await run(["shellcheck", path.join(REPOSITORY, script)]);
  expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
});

// A piece alone uses what another one sets, so they are read as they run: joined.
test("shellcheck accepts all pieces of apply.sh, and apply.sh contains each of these pieces", async () => {
  const joined = applyScript();
  const { status, stdout } = await run(["shellcheck", "-"], { input: joined });
  expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
  for (const piece of readdirSync(path.join(REPOSITORY, APPLY)).filter((file) => file.endsWith(".sh"))) {
    expect(joined).toContain(readFileSync(path.join(REPOSITORY, APPLY, piece), "utf8"));
  }
});

test.each(["dash", "bash"])("the shell %s can parse apply.sh", async (shell) => {
  expect((await run([shell, "-n"], { input: applyScript() })).status).toBe(0);
});
