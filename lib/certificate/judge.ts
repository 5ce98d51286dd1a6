import { X509Certificate } from "node:crypto";
import { Certificate, PemContent, day, readKey } from "./certificate";

/**
 * The result of the checks of a certificate. Each text says what the certificate must be or have, what was found, and
 * how to fix it.
 */
export interface Judgement {
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** The values that the checks of a server certificate need. */
export interface Expectations {
  readonly now: Date;
  /** Warn if the certificate expires in fewer days than this. */
  readonly warnDays: number;
  /**
   * The CA certificates in `rootCas`, which the hosts trust in addition to the CAs of their operating system. Undefined
   * if the files of `rootCas` cannot be read.
   */
  readonly cas: readonly Certificate[] | undefined;
  /** Whether the PEM text with the certificate must also contain the private key. */
  readonly keyExpected: boolean;
}

/** This package's command for certificates. */
export const COMMAND = "npx cdktf-exchange-balancer cert";

const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const ANY_PURPOSE = "2.5.29.37.0";
const STRONG_HASHES = ["SHA-256", "SHA-384", "SHA-512"];
const CURVES = ["prime256v1", "secp384r1", "secp521r1"];

/**
 * Checks whether HAProxy, Exchange and their clients can use a server's certificate, its chain and its key. The
 * certificates must be in the order in which HAProxy reads them.
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

/** Checks a CA certificate for `rootCas`. */
export function judgeCa({ certificates, keys }: PemContent, { now, warnDays }: Pick<Expectations, "now" | "warnDays">): Judgement {
  return {
    errors: [
      ...(keys.length === 0 ? [] : ["must not contain a private key, because this value is shown in plans and kept in the state"]),
      ...(certificates.length === 1 ? [] : [`must contain one certificate, got ${certificates.length}. Put each CA into a separate file, because Debian's update-ca-certificates requires this`]),
      ...certificates.flatMap((certificate) => timeErrors(certificate, now)),
      ...certificates
        // `rootCas` may contain Exchange's own self-signed certificate. This is not a CA certificate, but the hosts
        // need it to trust Exchange.
        .filter((certificate) => !certificate.isCa && !certificate.isSelfSigned)
        .map((certificate) => `must be the certificate of a CA, got the certificate of ${certificate.subject}. Use the certificate of its issuer, ${certificate.issuer}`),
    ],
    warnings: certificates.flatMap((certificate) => timeWarnings(certificate, { now, warnDays })),
  };
}

/** Returns the names for which the certificate is not valid. */
export function missingNames(leaf: Certificate, names: readonly string[]): readonly string[] {
  return names.filter((name) => !leaf.covers(name));
}

/** The error message about missing names. It contains the command that requests a certificate with all names. */
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
    return ["must contain a private key without a passphrase, got an encrypted key. Nobody can enter a passphrase when HAProxy starts. Remove the passphrase with openssl pkey"];
  }
  if (key === "unreadable") return ["must contain a private key in PEM form, got a key that cannot be read"];
  if (leaf.belongsTo(key)) return [];
  const owner = certificates.find((certificate) => certificate.belongsTo(key));
  return owner === undefined
    ? [`must contain the private key of ${leaf.subject}, got another key. Use the key that was created with this certificate's request`]
    : [`must begin with the private key's certificate, ${owner.subject}, but begins with ${leaf.subject}. ${COMMAND} bundle writes the certificates in the right order`];
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
    errors.push(`must have an RSA key of at least 2048 bits or an EC key on P-256, P-384 or P-521, got ${key} in ${subject}. Windows on the Exchange servers supports no other keys`);
  }
  // Clients do not verify the signature of a self-signed certificate, so its hash does not matter.
  if (!certificate.isSelfSigned && !STRONG_HASHES.includes(signatureHash ?? "")) {
    errors.push(`must be signed with SHA-256, SHA-384 or SHA-512, got ${signatureHash ?? "another signature"} in ${subject}. Ask the CA to issue this certificate again`);
  }
  return errors;
}

function usageErrors(leaf: Certificate): readonly string[] {
  const errors: string[] = [];
  const uses = leaf.extendedKeyUsage;
  if (uses !== undefined && !uses.includes(SERVER_AUTH) && !uses.includes(ANY_PURPOSE)) {
    errors.push(`must be for TLS servers (extended key usage serverAuth, ${SERVER_AUTH}), got ${leaf.subject}, which is only for ${uses.join(", ")}. Request a certificate with a web server template`);
  }
  if (!leaf.maySign) {
    errors.push(`must have the key usage digitalSignature, got ${leaf.subject} without it. TLS 1.3 handshakes fail without digitalSignature`);
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
        ? `must contain the whole chain in order, got ${next.subject} after ${certificate.subject}, but the issuer of ${certificate.subject} is ${certificate.issuer}. Put this issuer's certificate after ${certificate.subject}, or remove ${next.subject} if it is not part of this chain`
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
      `must contain all intermediate certificates, because clients do not have them. The certificate of ${issuer.subject} is missing. Append this certificate, which is in rootCas`,
    );
  }
  if (cas.some((ca) => ca.isSelfSigned)) {
    return error(
      `must have a chain that ends at a root of rootCas, got a chain that ends at ${top.subject}, issued by ${top.issuer}. Append the certificates of all CAs between ${top.subject} and the root, or set rootCas to the root of this chain`,
    );
  }
  if (isPublic(top)) return NOTHING;
  return {
    errors: [],
    warnings: [
      `has a chain that ends at ${top.subject}, issued by ${top.issuer}. This issuer is not among the public CAs that Node.js knows. If the balancers' operating system does not trust this issuer either, HAProxy marks every member as down. Add the issuer's certificate to rootCas to prevent this`,
    ],
  };
}

const NOTHING: Judgement = { errors: [], warnings: [] };

function error(text: string): Judgement {
  return { errors: [text], warnings: [] };
}

/** Whether the certificate comes from a public CA that Node.js knows. */
function isPublic(top: Certificate): boolean {
  // node:tls is loaded here, and not at the top of the file, because most runs do not need node:tls. Loading it takes
  // 3 ms.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { rootCertificates } = require("node:tls") as typeof import("node:tls");
  return rootCertificates.some((pem) => {
    const root = new X509Certificate(pem);
    return root.fingerprint256 === top.sha256 || (root.subject.split("\n").join(", ") === top.issuer && top.isIssuedBy(new Certificate(root)));
  });
}
