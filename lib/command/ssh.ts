import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostLogin, Login } from "../delivery/logins";

/** The result of a program that ran on a host over ssh. */
export interface Answer {
  /** The program's exit status. 255 comes from ssh itself: there was no connection, and `said` contains ssh's reason. */
  readonly status: number;
  readonly said: string;
}

/**
 * Runs a script on a host with the ssh program of this machine. The ssh options from the stack are passed in a
 * temporary config file, so no shell interprets the options.
 *
 * @param seconds how long to wait for the connection, in seconds
 */
export async function onHost(login: HostLogin, script: string, seconds: number): Promise<Answer> {
  const folder = mkdtempSync(join(tmpdir(), "cdktf-exchange-balancer-ssh-"));
  try {
    const config = join(folder, "config");
    writeFileSync(config, sshConfig(login, folder, seconds));
    return await run(["ssh", "-F", config, "balancer", "sh"], script, (seconds + 50) * 1000);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Writes the known_hosts files and certificate files into a folder. Returns the text of the ssh config that uses these
 * files.
 */
export function sshConfig(login: HostLogin, folder: string, seconds: number): string {
  const { bastion } = login;
  return [
    ...entry("balancer", login, folder),
    ...(bastion === undefined ? [] : ["  ProxyJump bastion", ...entry("bastion", { keyFile: login.keyFile, certificate: bastion.keyFile === undefined ? login.certificate : undefined, ...defined(bastion) }, folder)]),
    "Host *",
    "  BatchMode yes",
    "  LogLevel ERROR",
    `  ConnectTimeout ${seconds}`,
    "",
  ].join("\n");
}

function entry(alias: string, { host, user, port, keyFile, certificate, agentIdentity, hostKey }: Login, folder: string): readonly string[] {
  const file = (name: string, content: string): string => {
    const path = join(folder, `${alias}.${name}`);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const identity = keyFile ?? (agentIdentity?.startsWith("/") === true ? agentIdentity : undefined);
  return [
    `Host ${alias}`,
    `  HostName ${host}`,
    `  User ${user}`,
    `  Port ${port}`,
    ...(identity === undefined ? [] : [`  IdentityFile "${identity}"`, "  IdentitiesOnly yes"]),
    ...(certificate === undefined ? [] : [`  CertificateFile "${file("cert", `${certificate.trim()}\n`)}"`]),
    // If the stack has no host key, Terraform accepts any host. This command does the same. It sends no secret to the
    // host; it only asks for the status.
    ...(hostKey === undefined
      ? ["  StrictHostKeyChecking no", "  UserKnownHostsFile none"]
      : ["  StrictHostKeyChecking yes", `  UserKnownHostsFile "${file("keys", knownHosts(host, port, hostKey))}"`]),
  ];
}

/**
 * Turns the host keys of the stack into lines of a known_hosts file. The stack's first line is a key without a host
 * name: Terraform adds the name itself when it connects. For known_hosts, this function must add the node's name to the
 * first line. All other lines already begin with the name of the node or of the bastion.
 */
function knownHosts(host: string, port: number, keys: string): string {
  const name = port === 22 ? host : `[${host}]:${port}`;
  return keys
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => (/^(ssh-|ecdsa-|sk-)\S+ AAAA/.test(line) ? `${name} ${line}\n` : `${line}\n`))
    .join("");
}

function run([program = "", ...args]: readonly string[], input: string, limit: number): Promise<Answer> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], timeout: limit });
    let out = "";
    let complaint = "";
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
    // Writing fails if the host closes the connection before it has read the script. This error is ignored here, because
    // the exit status reports the failure.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    child.on("error", (error) => resolve({ status: 255, said: `${program} did not start: ${error.message}` }));
    child.on("close", (status) => resolve(status === 0 ? { status, said: out } : { status: status ?? 255, said: complaint.trim() === "" ? out : complaint }));
  });
}

function defined<T extends object>(given: T): T {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T;
}
