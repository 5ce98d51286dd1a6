import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostLogin, Login } from "../delivery/logins";

/** The result of a program on a host. */
export interface Answer {
  /** The program's exit status. 255 is ssh's own status; `said` then has the reason why there is no connection. */
  readonly status: number;
  readonly said: string;
}

/**
 * Runs a script on a host with this machine's ssh. The ssh options from the stack are written to a config file for this
 * call only, so no shell reads them.
 *
 * @param seconds how long to wait for the connection
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

/** Writes the file of known hosts. Returns the ssh config that uses it. */
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
    // Without a host key, Terraform accepts any host. This command does the same, because the host receives only a
    // question.
    ...(hostKey === undefined
      ? ["  StrictHostKeyChecking no", "  UserKnownHostsFile none"]
      : ["  StrictHostKeyChecking yes", `  UserKnownHostsFile "${file("keys", knownHosts(host, port, hostKey))}"`]),
  ];
}

/**
 * The stack's host keys as lines of a known_hosts file. In the stack, the first key has no host name, so it gets the
 * node's name here. Other lines already have the name of the node or of the bastion.
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
    // If a host closes the connection at once, it reads nothing, and writing fails.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    child.on("error", (error) => resolve({ status: 255, said: `${program} did not start: ${error.message}` }));
    child.on("close", (status) => resolve(status === 0 ? { status, said: out } : { status: status ?? 255, said: complaint.trim() === "" ? out : complaint }));
  });
}

function defined<T extends object>(given: T): T {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T;
}
