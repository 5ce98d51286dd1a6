import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Certificate, PemContent, day, readKey, readPem } from "../certificate/certificate";
import { KEY_KINDS, KeyKind, issue, newCa, newKey, newRequest } from "../certificate/issue";
import { Judgement, judgeServer, lackOfNames, missingNames } from "../certificate/judge";
import { bundled, inOrder, together } from "../certificate/order";
import { mustNotExist, writeNew } from "./files";
import { openssl } from "./openssl";
import { SiteNames, namesOfStack } from "./settings";
import { failure } from "../validation/errors";

export const USAGE = `cdktf-exchange-balancer cert COMMAND

  request  [--stack NAME | --name DNS-NAME ...] [--subject 'O=Example, C=DE'] [--key KIND] [--out exch]
           writes a new private key (exch.key) and a certificate request for your CA (exch.csr)
  bundle   --cert FILE --key FILE [--chain FILE ...] [--root FILE ...] [--pem exch.pem] [--pfx exch.pfx] [--stack NAME | --name ...]
           checks these files, writes the PEM for HAProxy and the PFX for Exchange, and prints the commands for Exchange's shell
  from-pfx FILE [--out exch.pem] [--root FILE ...] [--stack NAME | --name ...] [--password-file FILE]
           converts a PFX to PEM, and checks the PEM as the command "check" does
  check    FILE [--root FILE ...] [--stack NAME | --name ...] [--warn-days 30]
           checks a PEM as synthesis does; exit status 0: valid, 1: warnings, 2: errors
  ca       --common-name TEXT [--days 3650] [--key KIND] [--out ca]
           creates a root CA (ca.ca, ca.key), for a lab or a small site
  issue    --csr FILE --ca FILE --ca-key FILE [--days 397] [--out exch.crt]
           issues a certificate with a CA that the command "ca" created

  --stack      takes the names from this stack in cdktf.out. Run "cdktf synth" first
  --key        ${KEY_KINDS.join(", ")}; default rsa-2048
  --password-file  a file whose first line is the PFX's password; without it, openssl asks for the password
  --old-windows    writes a PFX for Windows Server 2016 and older (3DES and SHA-1)

Existing files are never overwritten. Private keys are written with mode 0600.
`;

const OPTIONS = {
  stack: { type: "string" }, name: { type: "string", multiple: true }, subject: { type: "string" }, key: { type: "string" },
  out: { type: "string" }, cert: { type: "string" }, chain: { type: "string", multiple: true }, root: { type: "string", multiple: true },
  pem: { type: "string" }, pfx: { type: "string" }, "password-file": { type: "string" }, "old-windows": { type: "boolean" },
  "warn-days": { type: "string" }, days: { type: "string" }, "common-name": { type: "string" }, csr: { type: "string" },
  ca: { type: "string" }, "ca-key": { type: "string" },
} as const;

type Values = ReturnType<typeof parse>["values"];

type Command = "request" | "bundle" | "from-pfx" | "check" | "ca" | "issue";

/** The options of each subcommand. */
const USED: { readonly [command in Command]: readonly (keyof typeof OPTIONS)[] } = {
  request: ["stack", "name", "subject", "key", "out"],
  bundle: ["cert", "key", "chain", "root", "pem", "pfx", "stack", "name", "warn-days", "password-file", "old-windows"],
  "from-pfx": ["out", "root", "stack", "name", "warn-days", "password-file"],
  check: ["root", "stack", "name", "warn-days"],
  ca: ["common-name", "days", "key", "out"],
  issue: ["csr", "ca", "ca-key", "days", "out"],
};

function parse(command: Command, args: readonly string[]) { // eslint-disable-line @typescript-eslint/explicit-function-return-type -- the type is what parseArgs infers
  const parsed = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const unused = Object.keys(parsed.values).find((option) => !USED[command].some((used) => used === option));
  if (unused !== undefined) throw failure(`${command} has no option --${unused}. It has ${USED[command].map((option) => `--${option}`).join(", ")}`);
  return parsed;
}

/**
 * Runs a subcommand of `cert`. Returns its exit status.
 *
 * @throws if an argument is wrong or a file cannot be read; the message is for the user
 */
export async function cert(args: readonly string[], print: (line: string) => void): Promise<number> {
  const [command, ...rest] = args;
  switch (command) {
    case "request":
    case "bundle":
    case "from-pfx":
    case "check":
    case "ca":
    case "issue": {
      const { values, positionals } = parse(command, rest);
      return COMMANDS[command]({ values, file: positionals[0], print });
    }
    default:
      print(USAGE);
      return command === undefined || command === "help" || command === "--help" ? 0 : 2;
  }
}

interface Call {
  readonly values: Values;
  /** The file argument that follows the subcommand, as in `cert check FILE`. Undefined if there is no such argument. */
  readonly file: string | undefined;
  readonly print: (line: string) => void;
}

const COMMANDS = {
  async request({ values, print }: Call): Promise<number> {
    const { clientNames } = names(values);
    if (clientNames.length === 0) throw failure("request needs the names that clients use: set --stack NAME, or --name for each name");
    const out = values.out ?? "exch";
    const key = newKey(keyKind(values));
    writeNew([
      { path: `${out}.key`, content: key, secret: true },
      { path: `${out}.csr`, content: `${await newRequest(key, clientNames, values.subject ?? "")}\n` },
    ]);
    print(`${out}.key: the private key. It never leaves your machines.`);
    print(`${out}.csr: the request, for ${clientNames.join(", ")}. Give this file to your CA (web server template). When you have the certificate, run:`);
    print(`  npx cdktf-exchange-balancer cert bundle --cert CERTIFICATE --chain INTERMEDIATE --key ${out}.key --root ROOT --pem ${out}.pem --pfx ${out}.pfx`);
    return 0;
  },

  async bundle({ values, print }: Call): Promise<number> {
    const content = together([required(values, "cert"), required(values, "key"), ...(values.chain ?? [])].map(pemFile));
    const [key, ...others] = content.keys;
    if (key === undefined || others.length > 0) throw failure(`--key must name a file with one private key, got ${content.keys.length}`);
    const usable = readKey(key);
    if (usable === "encrypted" || usable === "unreadable") {
      throw failure(`--key must name a file with a private key without a passphrase, got a key that is ${usable} (openssl pkey removes a passphrase)`);
    }
    const chain = inOrder(content.certificates, key);
    if (values.pem === undefined && values.pfx === undefined) throw failure("bundle needs --pem FILE, --pfx FILE or both: the files to write");
    say(values, { certificates: chain, keys: [key] }, print, "fail");
    const pem = bundled(chain, key);
    const files = [values.pem, values.pfx].filter((path) => path !== undefined);
    files.forEach(mustNotExist);
    const [leaf] = chain;
    const pfx = values.pfx === undefined ? [] : [{ path: values.pfx, content: newPfx(pem, leaf, values), secret: true }];
    writeNew([...(values.pem === undefined ? [] : [{ path: values.pem, content: pem, secret: true }]), ...pfx]);
    if (values.pem !== undefined) print(`${values.pem}: ${chain.map(({ subject }) => subject).join(", then ")}, then the key. Set path of SslBridgeCert.fromPemFile to this file`);
    if (values.pfx !== undefined) print(`${values.pfx}: for Exchange. ${importCommands(values.pfx, leaf, names(values).members)}`);
    return Promise.resolve(0);
  },

  "from-pfx": async ({ values, file, print }: Call): Promise<number> => {
    if (file === undefined) throw failure("from-pfx needs the PFX file");
    const out = values.out ?? "exch.pem";
    mustNotExist(out);
    const args = ["pkcs12", "-in", file, "-nodes", ...(values["password-file"] === undefined ? [] : ["-passin", `file:${values["password-file"]}`])];
    const content = readPem(unlocked(args));
    const [key] = content.keys;
    if (key === undefined) throw failure(`the PFX must contain a private key, got none in "${file}": export the certificate with its key (Export-ExchangeCertificate -BinaryEncoded)`);
    const chain = inOrder(content.certificates, key);
    say(values, { certificates: chain, keys: [key] }, print, "go on");
    writeNew([{ path: out, content: bundled(chain, key), secret: true }]);
    print(`${out}: ${chain.map(({ subject }) => subject).join(", then ")}, then the key. Set path of SslBridgeCert.fromPemFile to this file`);
    return Promise.resolve(0);
  },

  async check({ values, file, print }: Call): Promise<number> {
    if (file === undefined) throw failure("check needs the PEM file");
    return Promise.resolve(say(values, pemFile(file), print, "go on"));
  },

  async ca({ values, print }: Call): Promise<number> {
    const out = values.out ?? "ca";
    const key = newKey(keyKind(values));
    const certificate = await newCa(key, required(values, "common-name"), days(values, "days", 3650));
    writeNew([
      { path: `${out}.key`, content: key, secret: true },
      { path: `${out}.ca`, content: `${certificate}\n` },
    ]);
    print(`${out}.key: the CA's private key. With this key, anybody can impersonate every server for clients that trust the CA. Keep the key offline.`);
    print(`${out}.ca: the CA's certificate, for rootCas, for the Exchange servers and for all clients (by group policy)`);
    return 0;
  },

  async issue({ values, print }: Call): Promise<number> {
    const out = values.out ?? "exch.crt";
    const certificate = await issue(
      readFileSync(required(values, "csr"), "utf8"),
      { certificate: readFileSync(required(values, "ca"), "utf8"), key: pemFile(required(values, "ca-key")).keys[0] ?? "" },
      // The default is 397 days. For years, browsers have refused certificates that are valid for a longer time.
      days(values, "days", 397),
    );
    writeNew([{ path: out, content: `${certificate}\n` }]);
    const [read] = readPem(certificate).certificates;
    print(`${out}: for ${read?.names.join(", ") ?? ""}, until ${read === undefined ? "" : day(read.notAfter)}`);
    return 0;
  },
};

/**
 * Checks a certificate, and prints the problems and a summary. Returns the exit status: 0 if the certificate is valid,
 * 1 if there are warnings, 2 if there are errors.
 *
 * @throws the errors if `onError` is "fail"
 */
function say(values: Values, content: PemContent, print: (line: string) => void, onError: "fail" | "go on"): number {
  const roots = (values.root ?? []).flatMap((path) => pemFile(path).certificates);
  const { errors, warnings } = judgeServer(content, {
    now: new Date(),
    warnDays: days(values, "warn-days", 30),
    // Without a root certificate, nobody knows where the chain must end. So the end of the chain is not checked.
    cas: roots.length === 0 ? undefined : roots,
    keyExpected: true,
  });
  const [leaf] = content.certificates;
  const { clientNames } = names(values);
  const missing = leaf === undefined ? [] : missingNames(leaf, clientNames);
  const judged: Judgement = {
    errors: [...errors, ...(leaf === undefined || missing.length === 0 ? [] : [lackOfNames(leaf, clientNames, missing)])],
    warnings,
  };
  if (judged.errors.length > 0 && onError === "fail") throw failure(`the certificate ${judged.errors.join("; it ")}`);
  for (const text of judged.errors) print(`error: the certificate ${text}`);
  for (const text of judged.warnings) print(`warning: the certificate ${text}`);
  if (leaf !== undefined) print(`${leaf.subject} for ${leaf.names.join(", ") || "no name"}; ${leaf.key}; until ${day(leaf.notAfter)}; SHA-256 ${leaf.sha256}`);
  return judged.errors.length > 0 ? 2 : judged.warnings.length > 0 ? 1 : 0;
}

/**
 * Makes a PFX from a PEM text. openssl reads a key only from a file, so the PEM text is in a temporary folder while
 * openssl runs.
 */
function newPfx(pem: string, leaf: Certificate, values: Values): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "exchange-balancer-"));
  try {
    const [from, to] = [join(folder, "pem"), join(folder, "pfx")];
    writeNew([{ path: from, content: pem, secret: true }]);
    openssl([
      "pkcs12", "-export", "-in", from, "-inkey", from, "-out", to, "-name", `Exchange ${day(leaf.notAfter)}`,
      ...(values["old-windows"] === true ? ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"] : []),
      ...(values["password-file"] === undefined ? [] : ["-passout", `file:${values["password-file"]}`]),
    ]);
    return readFileSync(to);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs openssl to read a PFX. Old versions of Windows write PFX files with outdated algorithms. If openssl does not
 * support the file's algorithms, this function runs openssl again with the legacy provider.
 */
function unlocked(args: readonly string[]): string {
  try {
    return openssl(args);
  } catch (error) {
    if (!/unsupported/i.test(String(error))) throw error;
    return openssl([...args, "-legacy"]);
  }
}

function importCommands(pfx: string, leaf: Certificate, members: readonly string[]): string {
  const file = pfx.split(/[\\/]/).pop() ?? pfx;
  const servers = members.length > 0 ? members : ["EXCH01"];
  return [
    "Run these commands in the Exchange Management Shell, one member at a time. Drain each member first (docs/certificates.md):",
    ...servers.flatMap((server) => [
      "",
      `  Import-ExchangeCertificate -Server ${server} -FileData ([System.IO.File]::ReadAllBytes('C:\\path\\to\\${file}')) -Password (Read-Host 'Password' -AsSecureString)`,
      `  Enable-ExchangeCertificate -Server ${server} -Thumbprint ${leaf.thumbprint} -Services IIS,SMTP,IMAP,POP`,
      `  Get-ExchangeCertificate -Server ${server} -Thumbprint ${leaf.thumbprint} | Format-List Subject,CertificateDomains,Services,NotAfter,Status`,
    ]),
  ].join("\n");
}

function names({ stack, name = [] }: Values): SiteNames {
  const site = stack === undefined ? { clientNames: [], members: [] } : namesOfStack(stack);
  const clientNames = [...new Set([...site.clientNames, ...name])];
  for (const one of clientNames) {
    if (!/^(\*[.])?([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?[.])*[A-Za-z0-9-]{1,63}$/.test(one)) throw failure(`--name must be a DNS name, such as mail.mydomain.local or *.mydomain.local, got "${one}"`);
  }
  return { ...site, clientNames };
}

function pemFile(path: string): PemContent {
  return readPem(readFileSync(path, "utf8"));
}

function required(values: Values, option: "cert" | "key" | "csr" | "ca" | "ca-key" | "common-name"): string {
  const value = values[option];
  if (value === undefined) throw failure(`--${option} is missing`);
  return value;
}

function keyKind({ key = "rsa-2048" }: Values): KeyKind {
  const kind = KEY_KINDS.find((known) => known === key);
  if (kind === undefined) throw failure(`--key must be one of ${KEY_KINDS.join(", ")}, got "${key}"`);
  return kind;
}

function days(values: Values, option: "days" | "warn-days", otherwise: number): number {
  const text = values[option] ?? String(otherwise);
  if (!/^[1-9][0-9]{0,4}$/.test(text)) throw failure(`--${option} must be a number of days, got "${text}"`);
  return Number(text);
}
