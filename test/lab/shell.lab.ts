import { readdirSync } from "node:fs";
import * as path from "node:path";
import { REPOSITORY } from "./paths";
import { run } from "./run";

const SCRIPTS = ["lib", "test"].flatMap((folder) =>
  readdirSync(path.join(REPOSITORY, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".sh"))
    .map((file) => path.join(REPOSITORY, folder, file)),
);

test.each(SCRIPTS)("shellcheck has nothing to say about %s", async (script) => {
  const { status, stdout } = await run(["shellcheck", script]);
  expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
});

test.each(["dash", "bash"])("apply.sh is a script for %s", async (shell) => {
  expect((await run([shell, "-n", `${REPOSITORY}/lib/host/apply.sh`])).status).toBe(0);
});
