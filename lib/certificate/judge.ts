import { X509Certificate } from "node:crypto";
import { Certificate, PemContent, day, readKey } from "./certificate";

/** The problems of a certificate. Each sentence begins with a requirement, and ends with the remedy. */
export interface Judgement {
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** What the checks of a server certificate depend on. */
export interface Expectations {
  readonly now: Date;
  /** How many days before the end of validity the warnings begin. */
  readonly warnDays: number;
  /**
   * The CAs in `rootCas`, which the hosts will trust in addition to the system's CAs. Undefined if they cannot be read.
   */
  readonly cas: readonly Certificate[] | undefined;
  /** False if the text contains only a certificate, without a key. */
  readonly keyExpected: boolean;
}

/** The command of this package for certificates. */
export const COMMAND = "npx cdktf-exchange-balancer cert";

const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const ANY_PURPOSE = "2.5.29.37.0";
const STRONG_HASHES = ["SHA-256", "SHA-384", "SHA-512"];
const CURVES = ["prime256v1", "secp384r1", "secp521r1"];

/**
 * Checks a server's certificate, its chain and its key by the rules of HAProxy, Exchange and their clients. The
 * certificates are in the order in which HAProxy reads them.
 */
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

/** Checks a CA certificate. */
export function judgeCa({ certificates, keys }: PemContent, { now, warnDays }: Pick<Expectations, "now" | "warnDays">): Judgement {
  return {
    errors: [
      ...(keys.length === 0 ? [] : ["must not contain a private key, because this value is shown in plans and kept in the state"]),
      ...(certificates.length === 1 ? [] : [`must contain one certificate, got ${certificates.length}. Put each CA into a separate file, because Debian's update-ca-certificates requires this`]),
      ...certificates.flatMap((certificate) => timeErrors(certificate, now)),
      ...certificates
        // Exchange's own self-signed certificate is not a CA certificate, but must be trusted.
        .filter((certificate) => !certificate.isCa && !certificate.isSelfSigned)
        .map((certificate) => `must be the certificate of a CA, got the certificate of ${certificate.subject}. Use the certificate of its issuer, ${certificate.issuer}`),
    ],
    warnings: certificates.flatMap((certificate) => timeWarnings(certificate, { now, warnDays })),
  };
}

/** The names for which a certificate is not valid. */
export function missingNames(leaf: Certificate, names: readonly string[]): readonly string[] {
  return names.filter((name) => !leaf.covers(name));
}

/** The message about missing names, with the command that requests a certificate with all names. */
export function lackOfNames(leaf: Certificate, wanted: readonly string[], missing: readonly string[]): string {
  return (
    `must be for ${wanted.join(", ")}, got a certificate for ${leaf.names.join(", ") || "no name"}. It lacks ${missing.join(", ")}. ` +
    `Request a certificate for all of these names: ${requestCommand([...new Set([...wanted, ...leaf.names])])}`
  );
}

function requestCommand(names: readonly string[]): string {
  return `${COMMAND} request ${names.map((name) => `--name '${name}'`).join(" ")}`;
}

function keyErrors(leaf: Certificate, certificates: readonly Certificate[], keys: readonly string[]): readonly string[] {
  const [block] = keys;
  if (block === undefined) return ["must contain the certificate's private key, got none"];
  if (keys.length > 1) return [`must contain one private key, got ${keys.length}`];
  const key = readKey(block);
  if (key === "encrypted") {
    return ["must contain a private key without a passphrase, because nobody can enter a passphrase when HAProxy starts, got an encrypted key (openssl pkey removes the passphrase)"];
  }
  if (key === "unreadable") return ["must contain a private key in PEM form, got a key that cannot be read"];
  if (leaf.belongsTo(key)) return [];
  const owner = certificates.find((certificate) => certificate.belongsTo(key));
  return owner === undefined
    ? [`must contain the private key of ${leaf.subject}, got another key. Use the key that was created with this certificate's request`]
    : [`must begin with the certificate of the private key, ${owner.subject}, got ${leaf.subject} first. ${COMMAND} bundle writes the certificates in the right order`];
}

function timeErrors(certificate: Certificate, now: Date): readonly string[] {
  const { subject, notBefore, notAfter } = certificate;
  if (notAfter <= now) {
    return [`must not be expired, got ${subject}, which expired on ${day(notAfter)}. ${renewal(certificate)}`];
  }
  if (notBefore > now) {
    return [`must be valid already, got ${subject}, which is valid from ${day(notBefore)} on. If this date is in the past, the clock of this machine is wrong`];
  }
  return [];
}

function timeWarnings(certificate: Certificate, { now, warnDays }: Pick<Expectations, "now" | "warnDays">): readonly string[] {
  const left = certificate.daysLeft(now);
  if (certificate.notAfter <= now || left >= warnDays) return [];
  return [`expires soon: ${certificate.subject} in ${left} days, on ${day(certificate.notAfter)}. ${renewal(certificate)}`];
}

function renewal(certificate: Certificate): string {
  return certificate.isCa ? "The CA must be renewed" : `Request a new one: ${requestCommand(certificate.names)}`;
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
        : // A CA may use any sound algorithm. For TLS servers, Windows supports only RSA and these curves.
          role === "ca";
  if (!strong) {
    errors.push(`must have an RSA key of at least 2048 bits or an EC key on P-256, P-384 or P-521, because Windows on the Exchange servers can use only these, got ${key} in ${subject}`);
  }
  // No client verifies the signature of a self-signed certificate.
  if (!certificate.isSelfSigned && !STRONG_HASHES.includes(signatureHash ?? "")) {
    errors.push(`must be signed with SHA-256, SHA-384 or SHA-512, got ${signatureHash ?? "another signature"} in ${subject}. Ask the CA to issue this certificate again`);
  }
  return errors;
}

function usageErrors(leaf: Certificate): readonly string[] {
  const errors: string[] = [];
  const uses = leaf.extendedKeyUsage;
  if (uses !== undefined && !uses.includes(SERVER_AUTH) && !uses.includes(ANY_PURPOSE)) {
    errors.push(`must be for TLS servers (extended key usage serverAuth, ${SERVER_AUTH}), got ${leaf.subject} for ${uses.join(", ")}. Request a certificate with a web server template`);
  }
  if (!leaf.maySign) {
    errors.push(`must have the key usage digitalSignature, because TLS 1.3 handshakes fail without it, got ${leaf.subject} without digitalSignature`);
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
        ? `must contain the whole chain in order, got ${next.subject} after ${certificate.subject}, but the issuer of ${certificate.subject} is ${certificate.issuer}. Put the certificate of this issuer between the two, or remove the certificate that does not belong there`
        : `must contain the chain in order, each certificate followed by its issuer's certificate, got ${next.subject} after ${certificate.subject}. ${COMMAND} bundle writes the certificates in the right order`,
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
      `must contain all intermediate certificates, but ${issuer.subject} is missing, and clients do not have it. Append this certificate; it is one of the rootCas`,
    );
  }
  if (cas.some((ca) => ca.isSelfSigned)) {
    return error(
      `must have a chain that ends at a root of rootCas, got a chain that ends at ${top.subject}, issued by ${top.issuer}. Append the certificates of the CAs in between, or set rootCas to the right root`,
    );
  }
  if (isPublic(top)) return NOTHING;
  return {
    errors: [],
    warnings: [
      `has a chain that ends at ${top.subject}, issued by ${top.issuer}. Node does not know this issuer as a public CA. If the balancers' system does not trust this issuer either, add the issuer's certificate to rootCas; otherwise the balancers mark every member as down`,
    ],
  };
}

const NOTHING: Judgement = { errors: [], warnings: [] };

function error(text: string): Judgement {
  return { errors: [text], warnings: [] };
}

/** Whether the certificate comes from a public CA that Node knows. */
function isPublic(top: Certificate): boolean {
  // Loaded only here, because few certificates get this far. Loading it at the top would cost every app's start 3 ms.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { rootCertificates } = require("node:tls") as typeof import("node:tls");
  return rootCertificates.some((pem) => {
    const root = new X509Certificate(pem);
    return root.fingerprint256 === top.sha256 || (root.subject.split("\n").join(", ") === top.issuer && top.isIssuedBy(new Certificate(root)));
  });
}
