import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { inOneOffContainer } from "./one-off-container";
import { toolsRoot } from "./root-fs";
import { must } from "./run";
import type { Debian } from "./suites";

export interface Verdict {
  /** 0 where the program accepts the file, and where there is no file for it. */
  readonly status: number;
  /** All it said. Warnings are in here: an accepted file may still have some. */
  readonly output: string;
}

export interface Verdicts {
  readonly haproxy: Verdict;
  readonly keepalived: Verdict;
  readonly rsyslog: Verdict;
  readonly logrotate: Verdict;
  /** What was put in or changed so that a file made for a real host can be judged here. */
  readonly adapted: readonly string[];
}

/** Asks the real programs of a Debian release about a host's files. `filesDir` holds them as on the host: etc/haproxy/haproxy.cfg … */
export async function validate(suite: Debian, filesDir: string): Promise<Verdicts> {
  const root = await toolsRoot(suite);
  const work = mkdtempSync(path.join(tmpdir(), "exlab-validate-"));
  const at = (...parts: string[]): string => path.join(work, ...parts);
  try {
    ["files", "results"].forEach((folder) => mkdirSync(at(folder)));
    cpSync(filesDir, at("files"), { recursive: true });
    ownedByRoot(at("files"));
    const adapted = await adapt(at("files"), at("interfaces"));
    await inOneOffContainer(root, ["sh", "/lab/validate.sh"], {
      network: "none",
      throwAway: true,
      bind: [`${at("results")}:/lab/results`],
      bindReadOnly: [`${at("files")}:/lab/files`, `${at("interfaces")}:/lab/interfaces`, `${path.join(__dirname, "validate.sh")}:/lab/validate.sh`],
    });
    const verdict = (name: string): Verdict => {
      if (!existsSync(at("results", `${name}.status`))) return { status: 0, output: "" };
      return {
        status: Number(readFileSync(at("results", `${name}.status`), "utf8")),
        output: readFileSync(at("results", `${name}.output`), "utf8"),
      };
    };
    return {
      haproxy: verdict("haproxy"),
      keepalived: judgedByWords(verdict("keepalived"), /\S/),
      rsyslog: verdict("rsyslog"),
      logrotate: judgedByWords(verdict("logrotate"), /^(error|warning): \S+:\d/m),
      adapted,
    };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** A working copy has whatever modes git gave it; on a host these files are root's, and scripts can be run. */
function ownedByRoot(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const file = path.join(folder, entry);
    const executable = statSync(file).isDirectory() || readFileSync(file, "latin1").startsWith("#!");
    chmodSync(file, executable ? 0o755 : 0o644);
  }
}

/** Puts in what the real host has and this container lacks. Each thing it does is in the list it returns. */
async function adapt(files: string, interfaces: string): Promise<string[]> {
  const adapted: string[] = [];
  const at = (file: string): string => path.join(files, file);
  const put = (file: string, text: string, what: string): void => {
    if (existsSync(at(file))) return;
    mkdirSync(path.dirname(at(file)), { recursive: true });
    writeFileSync(at(file), text);
    adapted.push(what);
  };
  const change = (file: string, from: RegExp, to: string, what: string): string => {
    if (!existsSync(at(file))) return "";
    const text = readFileSync(at(file), "utf8");
    if (!from.test(text)) return text;
    adapted.push(what);
    const changed = text.replace(from, to);
    writeFileSync(at(file), changed);
    return changed;
  };

  const haproxy = change("etc/haproxy/haproxy.cfg", /PROFILE=SYSTEM/g, "DEFAULT",
    "PROFILE=SYSTEM became DEFAULT: only the RHEL family's OpenSSL knows it");
  const { pem, certificate } = await throwAwayCertificate();
  const listed = all(haproxy, /\scrt-list[ \t]+(\/\S+)/g).flatMap((list) => all(readFileSync(at(list), "utf8"), /^(\/\S+)/gm));
  for (const file of [...all(haproxy, /\scrt[ \t]+(\/\S+)/g), ...listed]) put(file, pem, `${file} is a certificate made for this check`);
  for (const file of all(haproxy, /\sca-file[ \t]+(\/\S+)/g)) put(file, certificate, `${file} is an authority made for this check`);
  // haproxy -c resolves the servers' names, and there is no name server.
  const servers = all(haproxy, /^\s*server\s+\S+\s+([^\s:]+)(?::\S+)?/gm).filter((host) => !/^[\d.]+$/.test(host));
  put("etc/hosts", ["127.0.0.1 localhost", ...servers.map((host, index) => `198.18.0.${21 + index} ${host}`), ""].join("\n"),
    `names that resolve: ${servers.join(", ") || "none"}`);

  const keepalived = change("etc/keepalived/keepalived.conf", /^(\s*script_user\s+).*$/gm, "$1root",
    "script_user became root: keepalived 2.2.7 judges a file with another user by exit status 143");
  // Secrets are no golden files. The only ones a keepalived.conf includes are VRRP passwords.
  for (const file of all(keepalived, /^\s*include\s+(\/\S+)/gm)) put(file, "auth_pass lab12345\n", `${file} is a password made for this check`);
  const names = all(keepalived, /^\s*interface\s+(\S+)/gm);
  // An address of the virtual one's network, so that unicast_src_ip and the like are the host's own.
  const own = all(keepalived, /^\s*unicast_src_ip\s+(\S+)/gm)[0] ?? "198.18.0.11";
  writeFileSync(interfaces, names.map((name, index) => `${name} ${index === 0 ? own : `198.18.${index}.1`}/24\n`).join(""));
  if (names.length > 0) adapted.push(`interfaces: ${names.join(", ")}`);
  return adapted;
}

const all = (text: string, pattern: RegExp): string[] =>
  [...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? "").filter((found) => found !== ""))];

let made: Promise<{ pem: string; certificate: string }> | undefined;

function throwAwayCertificate(): Promise<{ pem: string; certificate: string }> {
  made ??= must(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
    "-subj", "/CN=validate.lab.test", "-addext", "subjectAltName=DNS:validate.lab.test", "-keyout", "-", "-out", "-"])
    .then((pem) => ({ pem, certificate: `${/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/.exec(pem)?.[0] ?? ""}\n` }));
  return made;
}

/**
 * Some programs leave status 0 for a file they do not understand: keepalived 2.1.5, which is silent where it
 * is content, and logrotate, which names the line. A complaint is then a refusal.
 */
function judgedByWords(verdict: Verdict, complaint: RegExp): Verdict {
  return verdict.status === 0 && complaint.test(verdict.output) ? { ...verdict, status: 1 } : verdict;
}
