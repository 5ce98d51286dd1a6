import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../test/lab/run";

/**
 * A test that plays a person who has never seen this repository and uses the packed package. The person has an empty
 * folder, the package, and a machine with some programs.
 */
export interface Stranger {
  readonly who: string;
  /** Does what the stranger would do. Returns the versions that were used. @throws if something did not work */
  readonly attempt: (visit: Visit) => Promise<string>;
}

/** The package that a stranger gets. */
export interface Package {
  /** The npm package, as `npm publish` would send it. */
  readonly tarball: string;
  /** The package's name in the npm registry. */
  readonly name: string;
  /** The framework that the package is for: cdktf, or its fork cdktn. */
  readonly framework: "cdktf" | "cdktn";
}

/** The test could not run on this machine. The message says what is missing. The table of results shows this message. */
export class NotTried extends Error {}

export class Visit {
  public constructor(
    /** The folder in which the person works; empty at first. */
    public readonly folder: string,
    private readonly path: string = cleanPath(),
    private readonly extra: Readonly<Record<string, string>> = {},
  ) {
    mkdirSync(folder, { recursive: true });
  }

  /** The same person in a subfolder. */
  public in(folder: string): Visit {
    return new Visit(join(this.folder, folder), this.path, this.extra);
  }

  /** The same person with the folder `programs` first in PATH, and with the further environment variables `extra`. */
  public with(programs: string, extra: Readonly<Record<string, string>> = {}): Visit {
    return new Visit(this.folder, `${programs}:${this.path}`, { ...this.extra, ...extra });
  }

  /** Runs a shell command and returns its output. @throws if the command fails */
  public async line(line: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
    const { status, said } = await this.attempt(line, env);
    if (status !== 0) throw new Error(`$ ${line}\n${tail(said)}\n(status ${status})`);
    return said;
  }

  /** Runs a shell command that must fail, and returns its output. @throws if the command succeeds */
  public async refused(line: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
    const { status, said } = await this.attempt(line, env);
    if (status === 0) throw new Error(`$ ${line}\n${tail(said)}\n(this should have failed)`);
    return said;
  }

  private async attempt(line: string, env: Readonly<Record<string, string>>): Promise<{ status: number; said: string }> {
    const { status, stdout, stderr } = await run(["sh", "-c", line], {
      cwd: this.folder,
      env: { ...NOTHING_OF_OURS, PATH: this.path, CI: "1", CHECKPOINT_DISABLE: "1", ...this.extra, ...env },
      // The whole suite, beside others on two cores, took 1100 s.
      timeout: 1800,
    });
    // cdktf-cli draws its progress over and over.
    return { status, said: `${stdout}${stderr}`.replace(ESCAPES, "") };
  }
}

const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*[A-Za-z]`, "g");

export function expect(said: string, pattern: RegExp | string, what: string): void {
  if (typeof pattern === "string" ? said.includes(pattern) : pattern.test(said)) return;
  throw new Error(`${what}: ${String(pattern)} is not in what was printed:\n${tail(said)}`);
}

function tail(said: string): string {
  return said.split("\n").map((line) => line.trimEnd()).filter((line) => line !== "" && !/Synthesizing$|Processing$/.test(line)).slice(-40).join("\n");
}

/**
 * The PATH without the folders in this repository's node_modules. `npm run` adds these folders, but a stranger does not
 * have them.
 */
function cleanPath(): string {
  return (process.env["PATH"] ?? "").split(":").filter((folder) => !folder.includes("node_modules")).join(":");
}

const NOTHING_OF_OURS: Readonly<Record<string, string | undefined>> = Object.fromEntries(
  Object.keys(process.env).filter((name) => /^(npm_|NODE_|JEST|EXLAB|VIRTUAL_ENV|PYTHONPATH)/i.test(name) && name !== "npm_config_registry").map((name) => [name, undefined]),
);
