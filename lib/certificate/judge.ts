import { X509Certificate } from "node:crypto";
import { Certificate, PemContent, day, readKey } from "./certificate";

/** What is wrong with a certificate. Each sentence begins with what must be, and ends with what to do. */
export interface Judgement {
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** What a server's certificate is judged by. */
export interface Expectations {
  readonly now: Date;
  /** From how many days before its end on its end is worth a warning. */
  readonly warnDays: number;
  /** The CAs that the hosts will trust beside those that the system brings; undefined where they cannot be read. */
  readonly cas: readonly Certificate[] | undefined;
  /** False where only the certificate is at hand. */
  readonly keyExpected: boolean;
}

/** The command that this package brings. */
export const COMMAND = "npx cdktf-exchange-balancer cert";

const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const ANY_PURPOSE = "2.5.29.37.0";
const STRONG_HASHES = ["SHA-256", "SHA-384", "SHA-512"];
const CURVES = ["prime256v1", "secp384r1", "secp521r1"];

/** Judges certificate, chain and key, in HAProxy's order, as HAProxy, Exchange and their clients will. */
export function judgeServer({ certificates, keys }: PemContent, expected: Expectations): Judgement {
  const [leaf, ...chain] = certificates;
  if (leaf === undefined) return { errors: ["must hold a certificate, got none"], warnings: [] };
  const order = chainErrors(leaf, chain, expected.cas);
  return {
    errors: [
      ...(expected.keyExpected ? keyErrors(leaf, certificates, keys) : []),
      ...[leaf, ...chain].flatMap((certificate) => timeErrors(certificate, expected.now)),
      ...strengthErrors(leaf, "server"),
      ...chain.filter((certificate) => !certificate.isSelfSigned).flatMap((certificate) => strengthErrors(certificate, "ca")),
      ...usageErrors(leaf),
      ...order.errors,
    ],
    warnings: [...[leaf, ...chain].flatMap((certificate) => timeWarnings(certificate, expected)), ...order.warnings],
  };
}

/** Judges what is to be trusted as a CA. */
export function judgeCa({ certificates, keys }: PemContent, { now, warnDays }: Pick<Expectations, "now" | "warnDays">): Judgement {
  return {
    errors: [
      ...(keys.length === 0 ? [] : ["must hold no private key: it is shown in plans and kept in the state"]),
      ...(certificates.length === 1 ? [] : [`must hold one certificate, got ${certificates.length}: give each CA a file of its own, for Debian's update-ca-certificates takes no others`]),
      ...certificates.flatMap((certificate) => timeErrors(certificate, now)),
      ...certificates
        // Exchange's own self-signed certificate is none, and yet what has to be trusted.
        .filter((certificate) => !certificate.isCa && !certificate.isSelfSigned)
        .map((certificate) => `must be the certificate of a CA, got that of ${certificate.subject}, issued by ${certificate.issuer}, which is the one to give`),
    ],
    warnings: certificates.flatMap((certificate) => timeWarnings(certificate, { now, warnDays })),
  };
}

/** The names that a certificate is not for. */
export function missingNames(leaf: Certificate, names: readonly string[]): readonly string[] {
  return names.filter((name) => !leaf.covers(name));
}

/** The words in which the lack of names is told, with the command that requests a certificate with all of them. */
export function lackOfNames(leaf: Certificate, wanted: readonly string[], missing: readonly string[]): string {
  return (
    `must be for ${wanted.join(", ")}, got one for ${leaf.names.join(", ") || "no name at all"}, which lacks ${missing.join(", ")}. ` +
    `Request one for all of them: ${requestCommand([...new Set([...wanted, ...leaf.names])])}`
  );
}

function requestCommand(names: readonly string[]): string {
  return `${COMMAND} request ${names.map((name) => `--name '${name}'`).join(" ")}`;
}

function keyErrors(leaf: Certificate, certificates: readonly Certificate[], keys: readonly string[]): readonly string[] {
  const [block] = keys;
  if (block === undefined) return ["must hold the certificate's private key, got none"];
  if (keys.length > 1) return [`must hold one private key, got ${keys.length}`];
  const key = readKey(block);
  if (key === "encrypted") {
    return ["must hold a private key without a passphrase, which nobody could give at HAProxy's start, got an encrypted one (openssl pkey removes it)"];
  }
  if (key === "unreadable") return ["must hold a private key in PEM form, got one that cannot be read"];
  if (leaf.belongsTo(key)) return [];
  const owner = certificates.find((certificate) => certificate.belongsTo(key));
  return owner === undefined
    ? [`must hold the private key of ${leaf.subject}, got another one: use the key that was created with this certificate's request`]
    : [`must begin with the certificate that the private key belongs to, ${owner.subject}, got ${leaf.subject} first: ${COMMAND} bundle puts them in order`];
}

function timeErrors(certificate: Certificate, now: Date): readonly string[] {
  const { subject, notBefore, notAfter } = certificate;
  if (notAfter <= now) {
    return [`must be valid, got ${subject}, which expired on ${day(notAfter)}. ${renewal(certificate)}`];
  }
  if (notBefore > now) {
    return [`must be valid already, got ${subject}, which begins on ${day(notBefore)}. If that is past, the clock here is wrong`];
  }
  return [];
}

function timeWarnings(certificate: Certificate, { now, warnDays }: Pick<Expectations, "now" | "warnDays">): readonly string[] {
  const left = certificate.daysLeft(now);
  if (certificate.notAfter <= now || left >= warnDays) return [];
  return [`expires soon: ${certificate.subject} in ${left} days, on ${day(certificate.notAfter)}. ${renewal(certificate)}`];
}

function renewal(certificate: Certificate): string {
  return certificate.isCa ? "Its CA has to be renewed" : `Request a new one: ${requestCommand(certificate.names)}`;
}

function strengthErrors(certificate: Certificate, role: "server" | "ca"): readonly string[] {
  const { subject, key, signatureHash } = certificate;
  const { asymmetricKeyType: type, asymmetricKeyDetails: details = {} } = certificate.publicKey;
  const errors: string[] = [];
  const strong =
    type === "rsa"
      ? (details.modulusLength ?? 0) >= 2048
      : type === "ec"
        ? CURVES.includes(details.namedCurve ?? "")
        : // A CA may sign with anything that is sound; Windows serves TLS with these two alone.
          role === "ca";
  if (!strong) {
    errors.push(`must have an RSA key of at least 2048 bits or an EC key on P-256, P-384 or P-521, which Exchange's Windows can serve, got ${key} in ${subject}`);
  }
  // Nobody verifies how a self-signed certificate is signed.
  if (!certificate.isSelfSigned && !STRONG_HASHES.includes(signatureHash ?? "")) {
    errors.push(`must be signed with SHA-256, SHA-384 or SHA-512, got ${signatureHash ?? "another signature"} in ${subject}: let its CA issue it again`);
  }
  return errors;
}

function usageErrors(leaf: Certificate): readonly string[] {
  const errors: string[] = [];
  const uses = leaf.extendedKeyUsage;
  if (uses !== undefined && !uses.includes(SERVER_AUTH) && !uses.includes(ANY_PURPOSE)) {
    errors.push(`must be for TLS servers (extended key usage serverAuth, ${SERVER_AUTH}), got ${leaf.subject} for ${uses.join(", ")}: request one from a web server template`);
  }
  if (!leaf.maySign) {
    errors.push(`must have the key usage digitalSignature, without which no TLS 1.3 handshake succeeds, got ${leaf.subject} without it`);
  }
  return errors;
}

function chainErrors(leaf: Certificate, chain: readonly Certificate[], cas: readonly Certificate[] | undefined): Judgement {
  const all = [leaf, ...chain];
  for (const [index, certificate] of all.entries()) {
    const next = all[index + 1];
    if (next === undefined || certificate.isIssuedBy(next)) continue;
    const issuer = all.find((other) => other !== certificate && certificate.isIssuedBy(other));
    return error(
      issuer === undefined
        ? `must hold the whole chain in order, got ${next.subject} after ${certificate.subject}, which ${certificate.issuer} has issued: put the certificate of that CA between them, or remove the certificate that does not belong there`
        : `must hold the chain in order, each certificate followed by its issuer's, got ${next.subject} after ${certificate.subject}: ${COMMAND} bundle puts them in order`,
    );
  }
  if (cas === undefined) return NOTHING;
  const top = all[all.length - 1] ?? leaf;
  const trusted = cas.some((ca) => ca.sha256 === top.sha256);
  if (trusted && top.isSelfSigned) return NOTHING;
  const issuer = cas.find((ca) => top.isIssuedBy(ca));
  if (issuer !== undefined && !top.isSelfSigned) {
    if (issuer.isSelfSigned) return NOTHING;
    return error(
      `must hold every intermediate, got none of ${issuer.subject}, which clients do not have: append its certificate, which is among the rootCas`,
    );
  }
  if (cas.some((ca) => ca.isSelfSigned)) {
    return error(
      `must have a chain that ends at a root of rootCas, got one that ends at ${top.subject}, issued by ${top.issuer}: append the certificates of the CAs between them, or give the right root`,
    );
  }
  if (isPublic(top)) return NOTHING;
  return {
    errors: [],
    warnings: [
      `ends its chain at ${top.subject}, issued by ${top.issuer}, which is no public CA that Node knows: unless the balancers' system trusts it already, add that CA's certificate to rootCas, or the balancers hold every member for down`,
    ],
  };
}

const NOTHING: Judgement = { errors: [], warnings: [] };

function error(text: string): Judgement {
  return { errors: [text], warnings: [] };
}

/** Whether a CA of those that browsers trust has issued it, as far as Node brings them. */
function isPublic(top: Certificate): boolean {
  // Loaded here: few certificates get this far, and at the top it would cost every app's start 3 ms.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { rootCertificates } = require("node:tls") as typeof import("node:tls");
  return rootCertificates.some((pem) => {
    const root = new X509Certificate(pem);
    return root.fingerprint256 === top.sha256 || (root.subject.split("\n").join(", ") === top.issuer && top.isIssuedBy(new Certificate(root)));
  });
}
