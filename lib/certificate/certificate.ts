import { KeyObject, X509Certificate, createPrivateKey } from "node:crypto";
import { isIP } from "node:net";
import { x509 } from "./x509";

const DAY = 86_400_000;

/** A certificate that Node could parse, with the facts that the checks and the `cert` command need. */
export class Certificate {
  /** The SHA-256 fingerprint as hexadecimal bytes with colons, as `openssl x509 -fingerprint -sha256` prints it. */
  public readonly sha256: string;
  /** The SHA-1 fingerprint in hexadecimal digits. Windows and Exchange identify a certificate by this thumbprint. */
  public readonly thumbprint: string;
  public readonly notBefore: Date;
  public readonly notAfter: Date;
  /** The subject alternative names (DNS names and IP addresses), in the order in which the certificate lists them. */
  public readonly names: readonly string[];
  /** The signature's hash algorithm, such as `SHA-256`. Undefined if the x509 library does not know the algorithm. */
  public readonly signatureHash: string | undefined;
  /** False if the certificate has the key usage extension, and this extension does not contain digitalSignature. */
  public readonly maySign: boolean;

  public constructor(private readonly own: X509Certificate) {
    const library = x509();
    const read = new library.X509Certificate(own.raw);
    this.sha256 = own.fingerprint256;
    this.thumbprint = own.fingerprint.replace(/:/g, "");
    this.notBefore = read.notBefore;
    this.notAfter = read.notAfter;
    const alternative = read.getExtension(library.SubjectAlternativeNameExtension);
    this.names = (alternative?.names.items ?? [])
      .filter(({ type }) => type === "dns" || type === "ip")
      .map(({ value }) => value);
    const { name, hash } = read.signatureAlgorithm as { name?: string; hash?: { name: string } };
    this.signatureHash = hash?.name ?? (name === "Ed25519" || name === "EdDSA" ? "SHA-512" : undefined);
    const usage = read.getExtension(library.KeyUsagesExtension);
    this.maySign = usage === null || (usage.usages & library.KeyUsageFlags.digitalSignature) !== 0;
  }

  public get pem(): string {
    return this.own.toString();
  }

  /** The subject in one line, such as `O=Example, CN=mail.example.com`. */
  public get subject(): string {
    return oneLine(this.own.subject);
  }

  public get issuer(): string {
    return oneLine(this.own.issuer);
  }

  public get isCa(): boolean {
    return this.own.ca;
  }

  public get isSelfSigned(): boolean {
    return this.own.subject === this.own.issuer && this.own.verify(this.own.publicKey);
  }

  /**
   * The OIDs of the extended key usage. Undefined if the certificate has no extended key usage. Such a certificate
   * permits every use.
   */
  public get extendedKeyUsage(): readonly string[] | undefined {
    return this.own.keyUsage;
  }

  /** The key's type and size, such as `RSA 2048` or `EC prime256v1`. */
  public get key(): string {
    const { asymmetricKeyType: type = "unknown", asymmetricKeyDetails: details = {} } = this.own.publicKey;
    return `${type.toUpperCase()} ${details.modulusLength ?? details.namedCurve ?? ""}`.trim();
  }

  public get publicKey(): KeyObject {
    return this.own.publicKey;
  }

  public isIssuedBy(issuer: Certificate): boolean {
    return this.own.checkIssued(issuer.own) && this.own.verify(issuer.own.publicKey);
  }

  public belongsTo(key: KeyObject): boolean {
    return this.own.checkPrivateKey(key);
  }

  /**
   * Whether the certificate is valid for a name, according to RFC 6125. The subject's CN does not count. In a name of
   * the certificate, `*` is allowed only as the whole first label, and matches exactly one label.
   */
  public covers(name: string): boolean {
    if (isIP(name) !== 0) return this.own.checkIP(name) !== undefined;
    return this.own.checkHost(name, { subject: "never", partialWildcards: false }) !== undefined;
  }

  /** The number of whole days from `now` until the certificate expires. Negative if it has expired. */
  public daysLeft(now: Date): number {
    return Math.floor((this.notAfter.getTime() - now.getTime()) / DAY);
  }
}

function oneLine(name: string): string {
  return name.split("\n").join(", ");
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

/** The certificates and keys of a PEM text, in the order in which the text contains them. */
export interface PemContent {
  readonly certificates: readonly Certificate[];
  /** The private keys as PEM blocks. Use the keys only for checks and for files of mode 0600. */
  readonly keys: readonly string[];
}

/**
 * Reads a PEM text.
 *
 * @throws if a certificate in the text cannot be read
 */
export function readPem(text: string): PemContent {
  const blocks = [...text.matchAll(BLOCK)].map(([block, type = ""]) => ({ block, type }));
  return {
    certificates: blocks
      .filter(({ type }) => type === "CERTIFICATE")
      .map(({ block }) => new Certificate(new X509Certificate(block))),
    keys: blocks.filter(({ type }) => type.endsWith("PRIVATE KEY")).map(({ block }) => block),
  };
}

/**
 * Reads the private key in a PEM block. If that fails, returns the reason. The parser's own error message is dropped,
 * because it might contain a part of the key.
 */
export function readKey(block: string): KeyObject | "encrypted" | "unreadable" {
  // Each encrypted key contains the word ENCRYPTED: PKCS#8 has it in the first line of the block, and OpenSSL's older
  // form has it in the line `Proc-Type`.
  if (block.includes("ENCRYPTED")) return "encrypted";
  try {
    return createPrivateKey(block);
  } catch {
    return "unreadable";
  }
}

/** Returns a date in the form `2027-03-01`. */
export function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
