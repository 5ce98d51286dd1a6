import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate and its private key, as PEM texts. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

/** The wanted properties of a test certificate. The defaults give a valid server certificate. */
export interface Wish {
  readonly cn?: string;
  readonly names?: readonly string[];
  /** Whether the certificate belongs to a CA; by default it belongs to a server. */
  readonly ca?: boolean;
  readonly issuer?: Pair;
  /** Arguments for `openssl genpkey`. */
  readonly key?: readonly string[];
  readonly digest?: string;
  /** Days from now until the certificate becomes valid; negative for the past. */
  readonly from?: number;
  readonly until?: number;
  /** Lines for openssl's [ext] section; they replace the default lines. */
  readonly extensions?: readonly string[];
}

const EC = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
const folder = mkdtempSync(join(tmpdir(), "openssl-"));
let number = 0;

/** Makes a certificate with openssl, so that the tests do not depend on certificates that the library itself made. */
export function made({ cn = "mail.mydomain.local", names = [cn], ca = false, issuer, key = EC, digest = "sha256", from = -1, until = 90, extensions }: Wish = {}): Pair {
  const at = (ending: string): string => join(folder, `${number}.${ending}`);
  number += 1;
  const run = (...args: string[]): string => execFileSync("openssl", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  run("genpkey", ...key, "-out", at("key"));
  writeFileSync(at("cnf"), [
    "[req]", "distinguished_name=dn", "prompt=no", "[dn]", `CN=${cn}`,
    // The files that `openssl ca` needs. It is the only command that sets both dates.
    "[ca]", "default_ca=tiny", "[tiny]", `database=${at("db")}`, `new_certs_dir=${folder}`, "rand_serial=yes", "policy=any", "unique_subject=no",
    "[any]", "commonName=supplied", "[ext]",
    ...(extensions ?? (ca ? CA : server(names))),
    "",
  ].join("\n"));
  writeFileSync(at("db"), "");
  run("req", "-new", "-config", at("cnf"), "-key", at("key"), "-out", at("csr"));
  if (issuer !== undefined) {
    writeFileSync(at("issuer.crt"), issuer.certificate);
    writeFileSync(at("issuer.key"), issuer.key);
  }
  const signer = issuer === undefined ? ["-selfsign", "-keyfile", at("key")] : ["-cert", at("issuer.crt"), "-keyfile", at("issuer.key")];
  run("ca", "-batch", "-notext", "-config", at("cnf"), "-extensions", "ext", ...signer, "-md", digest, "-startdate", date(from), "-enddate", date(until), "-in", at("csr"), "-out", at("crt"));
  return { certificate: readFileSync(at("crt"), "utf8"), key: readFileSync(at("key"), "utf8") };
}

const CA = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"];

function server(names: readonly string[]): readonly string[] {
  const alternative = names.map((name) => (/^[0-9.]+$/.test(name) ? `IP:${name}` : `DNS:${name}`)).join(",");
  return [...(names.length === 0 ? [] : [`subjectAltName=${alternative}`]), "basicConstraints=CA:FALSE", "extendedKeyUsage=serverAuth"];
}

function date(days: number): string {
  return `${new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`;
}

/** Runs openssl and returns its output. */
export function openssl(...args: string[]): string {
  return execFileSync("openssl", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
