import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { HostLogin, hostLogins } from "../delivery/logins";
import { failure } from "../validation/errors";
import { HostStatus, problems, statusOf, table } from "./host-status";
import { onHost } from "./ssh";
import { synthesize } from "./synthesize";

export const STATUS_USAGE = `cdktf-exchange-balancer status [--stack NAME ...] [--timeout SECONDS]

  synthesizes the app of cdktf.json, and asks each balancer in the app's stacks for its status. The command logs in with this
  machine's ssh and the stack's options. The table shows for each balancer: the virtual addresses that it holds, its services,
  the time of the last delivery, and the version of the library. The lines below the table list the problems, such as Exchange
  servers that are down, and changes since that delivery. The command changes nothing.
  Exit status: 0 if all is well, 1 if there are problems (listed below the table), 2 if no balancer could be asked
`;

/** The number of hosts that are asked at the same time. */
const AT_ONCE = 8;

/**
 * Asks all balancers for their status, and prints it. Returns the exit status.
 *
 * @throws if there is no app in the current folder, if the app does not synthesize, or if it has no balancer; the message is for the user
 */
export async function status(args: readonly string[], print: (line: string) => void): Promise<number> {
  const { values } = parseArgs({
    args: [...args], options: { stack: { type: "string", multiple: true }, timeout: { type: "string", default: "10" }, help: { type: "boolean" } },
  });
  if (values.help === true) {
    print(STATUS_USAGE);
    return 0;
  }
  const seconds = Number(values.timeout);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 300) throw failure(`--timeout must be a whole number of seconds from 1 to 300, got "${values.timeout}"`);
  const logins = stacksLogins(values.stack);
  const hosts: HostStatus[] = [];
  const left = [...logins.entries()];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) hosts[next[0]] = await ask(next[1], seconds);
    }),
  );
  table(hosts).forEach(print);
  const wrong = problems(hosts);
  print("");
  (wrong.length === 0 ? ["all is well"] : wrong).forEach(print);
  if (wrong.length === 0) return 0;
  return hosts.every(({ silent }) => silent !== undefined) ? 2 : 1;
}

function stacksLogins(wanted: readonly string[] | undefined): readonly HostLogin[] {
  const scratch = mkdtempSync(join(tmpdir(), "cdktf-exchange-balancer-status-"));
  try {
    const stacks = synthesize(scratch);
    const logins = stacks.filter(({ name }) => wanted?.includes(name) ?? true).flatMap(({ synthesized, folder }) => hostLogins(synthesized).map((login) => withPaths(login, folder)));
    if (logins.length === 0) {
      throw failure(`no stack ${wanted === undefined ? "of this app" : `named ${wanted.join(" or ")}`} has a balancer; the app's stacks: ${stacks.map(({ name }) => name).join(", ") || "none"}`);
    }
    return logins;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function ask(login: HostLogin, seconds: number): Promise<HostStatus> {
  if (login.unknown.length > 0) {
    return statusOf(login, { status: 255, said: `${login.unknown.join(", ")}: Terraform fills in these values, so this command cannot reach the host` });
  }
  const missing = [login.keyFile, login.bastion?.keyFile].find((file) => file !== undefined && !file.startsWith("~") && !existsSync(file));
  if (missing !== undefined) return statusOf(login, { status: 255, said: `the private key file ${missing} does not exist` });
  return statusOf(login, await onHost(login, askScript(), seconds));
}

/**
 * Makes the paths of key files absolute. In the stack, these paths are relative to the folder in which Terraform runs,
 * but ssh runs in the current folder. Paths that begin with `~` do not change, because ssh itself expands `~`.
 */
export function withPaths(login: HostLogin, folder: string): HostLogin {
  const absolute = <T extends { readonly keyFile?: string }>(one: T): T =>
    one.keyFile === undefined || one.keyFile.startsWith("~") ? one : { ...one, keyFile: resolve(folder, one.keyFile) };
  return { ...absolute(login), ...(login.bastion === undefined ? {} : { bastion: absolute(login.bastion) }) };
}

/**
 * The script that asks a host for its status. The relative path of ask.sh works both in lib/command and in
 * dist/command.
 */
function askScript(): string {
  return readFileSync(join(__dirname, "..", "..", "lib", "command", "ask.sh"), "utf8");
}
