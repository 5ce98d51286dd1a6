import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SHELLS } from "../host/apply/shell";

const ASK = readFileSync(join(__dirname, "../../lib/command/ask.sh"), "utf8");

describe.each(SHELLS)("the status request to a host (ask.sh), run by %s", (shell) => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ask-"));
    for (const [name, text] of [["sudo", 'echo "sudo $1"; shift; exec "$@"'], ["id", 'echo "${FAKE_UID:?}"']] as const) writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs ask.sh as user `uid`. `script` is the host's apply.sh; if undefined, the host has no apply.sh. */
  const said = (uid: number, script?: string): { status: number | null; said: string } => {
    if (script !== undefined) writeFileSync(join(folder, "apply.sh"), script);
    const text = ASK.replace("script=/usr/libexec/cdktf-exchange-balancer/apply.sh", `script=${folder}/apply.sh`);
    const { status, stdout, stderr } = spawnSync(shell, ["-s"], { input: text, encoding: "utf8", env: { PATH: `${folder}:${process.env["PATH"] ?? ""}`, FAKE_UID: String(uid) } });
    expect(stderr).toBe("");
    return { status, said: stdout };
  };

  test("the status request runs apply.sh --status on the host, and returns its exit status", () => {
    expect(said(0, 'echo "asked $*"; exit 3')).toEqual({ status: 3, said: "asked --status\n" });
  });

  test("the status request uses sudo if the user is not root", () => {
    expect(said(1000, 'echo "asked $*"')).toEqual({ status: 0, said: "sudo -n\nasked --status\n" });
  });

  test("a host without a delivery answers the status request, and says that the library has never deployed to this host", () => {
    for (const uid of [0, 1000]) expect(said(uid)).toEqual({ status: 0, said: "wrong this library has never deployed to this host\n" });
  });
});
