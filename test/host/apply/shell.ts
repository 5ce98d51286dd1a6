import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { applyScript } from "../../../lib/host/scripts";

const known = ["dash", "bash"].filter((shell) => spawnSync(shell, ["-c", ":"]).status === 0);
/** The shells to test with: a host's sh is dash (Debian) or bash (RHEL). */
export const SHELLS: readonly string[] = known.length > 0 ? known : ["sh"];

/**
 * The functions of apply.sh without a host. The functions work in a temporary folder. A test replaces commands such as
 * systemctl by its own shell functions. Tests that need a real host are in test/lab/.
 */
export class Functions {
  public readonly root = mkdtempSync(path.join(tmpdir(), "apply-"));
  private readonly library: string;

  public constructor(private readonly shell: string) {
    const script = applyScript();
    const end = script.lastIndexOf('case "$1" in');
    const here = script
      .slice(0, end)
      .replace("root=/var/lib/cdktf-exchange-balancer\n", `root=${this.root}/state\n`)
      .replace(/^script=.*$/m, `script=${this.root}/apply.sh`)
      .replace("/etc/os-release", `${this.root}/os-release`)
      // A test's own programs may be on its PATH.
      .replace(/^PATH=.*$/m, "PATH=$PATH:/usr/sbin:/sbin");
    if (!here.includes(`root=${this.root}/state`)) throw new Error("apply.sh has no line that sets root");
    this.library = path.join(this.root, "functions.sh");
    writeFileSync(this.library, here);
  }

  /** Runs shell lines after the functions are loaded, with the variable `host` set as in a deploy. */
  public run(lines: string): { status: number; said: string } {
    const { status, stdout, stderr } = spawnSync(this.shell, ["-c", this.text(lines)], { encoding: "utf8", cwd: this.root });
    return { status: status ?? -1, said: `${stdout}${stderr}` };
  }

  /** Runs shell lines as `run` does. Kills the shell after `after` milliseconds, and waits until the shell has ended. */
  public async killed(lines: string, after: number): Promise<void> {
    const child = spawn(this.shell, ["-c", this.text(lines)], { cwd: this.root, stdio: "ignore" });
    await new Promise((resolve) => setTimeout(resolve, after));
    const gone = new Promise((resolve) => child.on("close", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  public remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  private text(lines: string): string {
    return `. ${this.library}\nhost=10.0.0.1\nchanged=no\nmkdir -p "$work"\nmanifest=$work/manifest\ntouch "$manifest"\n${lines}\n`;
  }
}
