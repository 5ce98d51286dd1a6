import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { applyScript } from "../../../lib/host/scripts";

const known = ["dash", "bash"].filter((shell) => spawnSync(shell, ["-c", ":"]).status === 0);
/** The shells of this machine: a host's sh is dash (Debian) or bash (RHEL). */
export const SHELLS: readonly string[] = known.length > 0 ? known : ["sh"];

/**
 * apply.sh's functions without the host: its folder is a temporary one, and a test says what systemctl and the like
 * do. What only a real host can show is in test/lab/.
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

  /** Runs lines after the functions; `host` is set as in a run. */
  public run(lines: string): { status: number; said: string } {
    const { status, stdout, stderr } = spawnSync(this.shell, ["-c", this.text(lines)], { encoding: "utf8", cwd: this.root });
    return { status: status ?? -1, said: `${stdout}${stderr}` };
  }

  /** As run, but somebody kills it after some milliseconds; gives back when it is gone. */
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
