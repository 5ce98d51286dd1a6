import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { inOneOffContainer } from "./one-off-container";
import type { Program } from "./programs";
import { must } from "./run";

/** A question to one program: does it accept these files? */
export interface Question {
  readonly program: Program;
  readonly files: readonly { readonly path: string; readonly content: string }[];
  /** Matches lines of the program's output that do not count as errors. */
  readonly expected?: RegExp;
}

export interface Verdict {
  /** True if the program accepts the files without a warning. */
  readonly accepted: boolean;
  /** The whole output. */
  readonly output: string;
  /**
   * The additions and changes that `validate` made to the files, because the container that runs the check is not a
   * real host.
   */
  readonly adapted: readonly string[];
}

/**
 * Lets the programs that are installed in the root file system `root` check the files of each question. Returns the
 * programs' versions, and one verdict for each question.
 */
export async function validate(root: string, programs: readonly Program[], questions: readonly Question[]): Promise<{ versions: Record<string, string>; verdicts: Verdict[] }> {
  const work = mkdtempSync(path.join(tmpdir(), "exlab-validate-"));
  const at = (...parts: string[]): string => path.join(work, ...parts);
  try {
    const ask = async (job: string, program: string, files: Question["files"]): Promise<string[]> => {
      mkdirSync(at("jobs", job, "files"), { recursive: true });
      writeFileSync(at("jobs", job, "program"), program);
      for (const { path: file, content } of files) {
        mkdirSync(path.dirname(at("jobs", job, "files", file)), { recursive: true });
        writeFileSync(at("jobs", job, "files", file), content);
      }
      const adapted = await adapt(at("jobs", job, "files"), at("jobs", job, "interfaces"));
      ownedByRoot(at("jobs", job, "files"));
      return adapted;
    };
    mkdirSync(at("results"));
    const adapted: string[][] = [];
    for (const [index, { program, files }] of questions.entries()) adapted.push(await ask(`${index}`, program, files));
    for (const program of programs) await ask(`version-${program}`, `version-of-${program}`, []);
    await inOneOffContainer(root, ["sh", "/lab/validate.sh"], {
      network: "none",
      throwAway: true,
      bind: [`${at("results")}:/lab/results`],
      bindReadOnly: [`${at("jobs")}:/lab/jobs`, `${path.join(__dirname, "validate.sh")}:/lab/validate.sh`],
    });
    const answer = (job: string, file: string): string => readFileSync(at("results", job, file), "utf8");
    return {
      versions: Object.fromEntries(programs.map((program) => [program, /\d+(\.\d+)+/.exec(answer(`version-${program}`, "output"))?.[0] ?? "?"])),
      verdicts: questions.map(({ program, expected }, index) => {
        const output = answer(`${index}`, "output");
        const complaints = output.split("\n").filter((line) => expected?.test(line) !== true).join("\n");
        return { accepted: answer(`${index}`, "status").trim() === "0" && !COMPLAINT[program].test(complaints), output, adapted: adapted[index] ?? [] };
      }),
    };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Output that counts as an error even if the program's status is 0. keepalived prints text only if there is an error,
 * so any text counts. Of logrotate's messages, only those that name a file and a line are errors. Of rsyslogd's
 * messages, only those about this library's file are errors.
 */
const COMPLAINT: Readonly<Record<Program, RegExp>> = {
  haproxy: /\[(WARNING|ALERT)\]|\bwarning\b|deprecated/i,
  keepalived: /\S/,
  rsyslog: /49-haproxy/,
  logrotate: /^(error|warning): \S+:\d/m,
};

/**
 * Sets the modes in a folder as a delivery would set them on a host: 0755 for folders and scripts, 0644 for other
 * files.
 */
function ownedByRoot(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const file = path.join(folder, entry);
    const executable = statSync(file).isDirectory() || readFileSync(file, "latin1").startsWith("#!");
    chmodSync(file, executable ? 0o755 : 0o644);
  }
}

/**
 * Adds to `files` what a real host has and the container lacks, and changes what only a real host accepts. Returns a
 * list of these additions and changes.
 */
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
  // Golden files contain no secrets. The only ones a keepalived.conf includes are VRRP passwords.
  for (const file of all(keepalived, /^\s*include\s+(\/\S+)/gm)) put(file, "auth_pass lab12345\n", `${file} is a password made for this check`);
  const names = [...new Set([...all(keepalived, /^\s*interface\s+(\S+)/gm), ...all(keepalived, /^\s*track_interface\s+\{\s+(\S+)/gm)])];
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
