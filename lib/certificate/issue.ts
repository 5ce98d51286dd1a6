import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import type { X509CertificateCreateParams } from "@peculiar/x509";
import { x509 } from "./x509";
import { failure } from "../validation/errors";

interface Keys {
  readonly algorithm: { readonly name: string; readonly hash: string };
  readonly pair: { readonly privateKey: webcrypto.CryptoKey; readonly publicKey: webcrypto.CryptoKey };
}

const DAY = 86_400_000;
const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";

/**
 * The kinds of keys that the `cert` command can generate. RSA keys work with all parts of Exchange. Windows can use all
 * of these kinds, but Exchange 2016 and 2019 need the updates of April 2024 for EC keys.
 */
export const KEY_KINDS = ["rsa-2048", "rsa-3072", "rsa-4096", "ec-p256", "ec-p384"] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

/** Generates a private key. Returns PEM text (PKCS#8). */
export function newKey(kind: KeyKind): string {
  const size = Number(/\d+$/.exec(kind)?.[0]);
  const { privateKey } = kind.startsWith("rsa")
    ? generateKeyPairSync("rsa", { modulusLength: size })
    : generateKeyPairSync("ec", { namedCurve: `P-${size}` });
  return String(privateKey.export({ type: "pkcs8", format: "pem" }));
}

/**
 * Creates a certificate request (PKCS#10) for a TLS server. The names become subject alternative names. The first name
 * that has at most 64 characters also becomes the CN.
 */
export async function newRequest(key: string, names: readonly string[], subject: string): Promise<string> {
  const library = x509();
  const { algorithm, pair } = await keys(key);
  const request = await library.Pkcs10CertificateRequestGenerator.create(
    { name: [subject, commonName(names)].filter((part) => part !== "").join(", "), keys: pair, signingAlgorithm: algorithm, extensions: serverExtensions(names) },
  );
  return request.toString("pem");
}

/** Creates a self-signed CA certificate. */
export async function newCa(key: string, commonName: string, days: number): Promise<string> {
  const library = x509();
  const { algorithm, pair } = await keys(key);
  const certificate = await library.X509CertificateGenerator.createSelfSigned(
    {
      ...validity(days),
      name: `CN=${commonName}`,
      keys: pair,
      signingAlgorithm: algorithm,
      extensions: [
        new library.BasicConstraintsExtension(true, undefined, true),
        new library.KeyUsagesExtension(library.KeyUsageFlags.keyCertSign | library.KeyUsageFlags.cRLSign, true),
        await library.SubjectKeyIdentifierExtension.create(pair.publicKey),
      ],
    },
  );
  return certificate.toString("pem");
}

/**
 * Issues a TLS server's certificate for a request. The certificate takes only the subject, the DNS names and the key
 * from the request.
 *
 * @throws if the request's signature does not match its key, or if the request has no names
 */
export async function issue(request: string, ca: { readonly certificate: string; readonly key: string }, days: number): Promise<string> {
  const library = x509();
  const asked = new library.Pkcs10CertificateRequest(request);
  if (!(await asked.verify())) throw failure("the request must be signed by its own key, got a request that was changed or cut off");
  const names = asked.extensions.flatMap((extension) =>
    extension instanceof library.SubjectAlternativeNameExtension ? extension.names.items.filter(({ type }) => type === "dns").map(({ value }) => value) : [],
  );
  if (names.length === 0) throw failure("the request must have subject alternative names, got none");
  const issuer = new library.X509Certificate(ca.certificate);
  const { algorithm, pair } = await keys(ca.key);
  const certificate = await library.X509CertificateGenerator.create(
    {
      ...validity(days),
      subject: asked.subjectName,
      issuer: issuer.subjectName,
      publicKey: asked.publicKey,
      signingKey: pair.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        ...serverExtensions(names),
        new library.BasicConstraintsExtension(false, undefined, true),
        await library.SubjectKeyIdentifierExtension.create(asked.publicKey),
        await library.AuthorityKeyIdentifierExtension.create(issuer),
      ],
    },
  );
  return certificate.toString("pem");
}

function serverExtensions(names: readonly string[]): NonNullable<X509CertificateCreateParams["extensions"]> {
  const library = x509();
  return [
    new library.SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value }))),
    new library.KeyUsagesExtension(library.KeyUsageFlags.digitalSignature | library.KeyUsageFlags.keyEncipherment, true),
    new library.ExtendedKeyUsageExtension([SERVER_AUTH]),
  ];
}

/**
 * The serial number and the validity of a new certificate. The validity begins one hour ago, so that clients whose
 * clock is slow accept the certificate.
 */
function validity(days: number): { serialNumber: string; notBefore: Date; notAfter: Date } {
  const now = Date.now();
  // RFC 5280 requires a positive serial number: its first bit must be 0. Its first byte must not be 0 either.
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return { serialNumber: serial.toString("hex"), notBefore: new Date(now - 3_600_000), notAfter: new Date(now + days * DAY) };
}

/**
 * The key pair and the signature algorithm of a PEM private key, in the form that WebCrypto needs.
 */
async function keys(pem: string): Promise<Keys> {
  const own = createPrivateKey(pem);
  const rsa = own.asymmetricKeyType === "rsa";
  const curve = own.asymmetricKeyDetails?.namedCurve === "secp384r1" ? "P-384" : "P-256";
  const hash = "SHA-256";
  const algorithm = rsa ? { name: "RSASSA-PKCS1-v1_5", hash } : { name: "ECDSA", namedCurve: curve, hash };
  const subtle = webcrypto.subtle;
  return {
    algorithm,
    pair: {
      privateKey: await subtle.importKey("pkcs8", own.export({ type: "pkcs8", format: "der" }), algorithm, true, ["sign"]),
      publicKey: await subtle.importKey("spki", createPublicKey(own).export({ type: "spki", format: "der" }), algorithm, true, ["verify"]),
    },
  };
}

/**
 * Returns the CN: the first name that fits into the 64 characters that X.520 allows. Only people read the CN. Clients
 * use the subject alternative names.
 */
function commonName(names: readonly string[]): string {
  const short = names.find((name) => name.length <= 64);
  return short === undefined ? "" : `CN=${short}`;
}
