import { basename, extname } from "node:path";
import { Annotations, DISABLE_STACK_TRACE_IN_METADATA, Token } from "cdktf";
import { Construct } from "constructs";
import { Certificate, PemContent, day, readPem } from "./certificate/certificate";
import { COMMAND, Judgement, judgeCa, judgeServer, lackOfNames, missingNames } from "./certificate/judge";
import { Checks } from "./validation/checks";
import { inCallersWords, failure, refused } from "./validation/errors";
import { CONFIG_NAME } from "./validation/rules";
import { AnyShape, BY_RULE, FLAG, Shape, TEXT, TEXTS, TEXTS_BY_NAME, checkStruct, required } from "./validation/shape";
import { LocalFile } from "./delivery/local-file";

/** Options for the check of a certificate. */
export interface CertificateCheckProps {
  /**
   * The warnings begin this many days before the certificate expires, 1 to 397. Both synthesis and the check on the
   * balancers warn. An expired certificate is an error.
   *
   * @default 30
   */
  readonly expiryWarningDays?: number;

  /**
   * Whether the certificate must also contain the members' `host`s, in addition to the client names. Set this if a mail
   * client or a script connects to a member directly.
   *
   * @default false
   */
  readonly coversMembers?: boolean;
}

/** Properties of `SslBridgeCert.fromPemFile()`. */
export interface PemFileProps extends CertificateCheckProps {
  /**
   * The PEM file with the certificate, its chain and its private key, in this order (HAProxy's `crt`). Terraform reads
   * the file at plan and apply, and sends the content to the hosts. If the file exists at synthesis, synthesis also
   * checks the content. Synthesis copies no part of this file to another file. A relative path starts in the folder in
   * which cdktf runs.
   *
   * `npx cdktf-exchange-balancer cert bundle` makes this file from separate PEM files, and `cert from-pfx` makes it
   * from a PFX file.
   */
  readonly path: string;

  /**
   * PEM files of the CAs that issued the members' certificate, with one CA in each file. The balancers then trust these
   * CAs. You need not list a public CA, because the system trusts public CAs.
   *
   * @default - the balancers trust only the CAs that the system trusts
   */
  readonly rootCas?: string[];
}

/** Properties of `SslBridgeCert.fromPem()`. */
export interface PemProps extends CertificateCheckProps {
  /**
   * The certificate in PEM form, followed by its intermediate certificates. May be a token. A literal is checked at
   * synthesis.
   */
  readonly certificate: string;

  /**
   * The private key in PEM form. Must be a token, such as an attribute of a resource or the value of a sensitive
   * variable, because a literal would be in cdk.tf.json.
   */
  readonly privateKey: string;

  /**
   * The CAs that issued the members' certificate: name -> PEM text. A text may be a token. The balancers then trust
   * these CAs.
   *
   * @default - the balancers trust only the CAs that the system trusts
   */
  readonly rootCas?: { [name: string]: string };
}

const CHECK: Shape<CertificateCheckProps> = { expiryWarningDays: BY_RULE, coversMembers: FLAG };

const PEM_FILE: Shape<PemFileProps> = { ...CHECK, path: BY_RULE, rootCas: TEXTS };

const PEM: Shape<PemProps> = { ...CHECK, certificate: required(TEXT), privateKey: BY_RULE, rootCas: TEXTS_BY_NAME };

/**
 * The certificate that the balancers present to clients. With SSL bridging and Extended Protection (on by default since
 * Exchange 2019 CU14), the balancers and the Exchange servers must present the same certificate. Otherwise Outlook asks
 * for the password again and again.
 *
 * If synthesis can read the certificate, it checks names, key, chain, validity, strength and use. During a deploy, each
 * balancer compares the certificate with the certificate of each member before the new configuration goes live.
 *
 * The private key is never in synthesized text, state, plan or log.
 *
 * @example
 * const cert = SslBridgeCert.fromPemFile(this, "Cert", { path: "exch.pem", rootCas: ["mydomain-root.ca"] });
 * @see https://microsoft.github.io/CSS-Exchange/Security/Extended-Protection/
 */
export class SslBridgeCert extends Construct {
  /**
   * A certificate in a PEM file on the machine where Terraform runs.
   *
   * @throws if a path contains a character that Terraform would interpret, or if synthesis can read the certificate, and
   * finds that HAProxy, Exchange or their clients cannot use it
   */
  public static fromPemFile(scope: Construct, id: string, props: PemFileProps): SslBridgeCert {
    const cert = new SslBridgeCert(scope, id, props, PEM_FILE);
    const { _checks: checks } = cert;
    const file = new LocalFile(cert, checks, { prop: "path", path: props.path, instead: FROM_PEM });
    cert._pem = file.content();
    cert.mustHold("path", cert._pem, "PRIVATE KEY-----", FROM_FILE);
    cert.mustHold("path", cert._pem, CERTIFICATE, FROM_FILE);
    const cas = (props.rootCas ?? []).flatMap((path, index) => {
      const prop = `rootCas[${index}]`;
      const name = basename(path, extname(path));
      const ca = new LocalFile(cert, checks, { prop, path, instead: FROM_PEM });
      const read = ca.readNow();
      if (read === undefined) {
        cert.addRootCa(prop, name, { pem: ca.content(), source: path }, FROM_FILE);
        return [];
      }
      // The synthesized stack contains the text of the CA certificate, which is public. Otherwise, a remote run of
      // Terraform would need the file, but would not have it.
      const pem = cert.pemText(prop, path, read);
      cert.addRootCa(prop, name, { pem, source: path });
      return [cert.judgedCa(prop, pem)];
    });
    const read = file.readNow();
    if (read === undefined) {
      Annotations.of(cert).addInfo(
        `the file "${props.path}" (prop path) does not exist at synthesis, so synthesis did not check the certificate. Terraform reads the file during the plan [${cert.node.path}]`,
      );
    } else {
      const text = cert.pemText("path", props.path, read);
      cert.mustHold("path", text, "PRIVATE KEY-----");
      cert.judged("path", text, cas.length === (props.rootCas ?? []).length ? cas : undefined, true);
    }
    return cert;
  }

  /**
   * A certificate from a resource or a variable of the stack.
   *
   * @throws if `privateKey` is a literal, or if `certificate` is a literal that HAProxy, Exchange or their clients
   * cannot use
   * @example
   * const key = new TerraformVariable(this, "mail_key", { type: "string", sensitive: true });
   * const cert = SslBridgeCert.fromPem(this, "Cert", { certificate: readFileSync("mail.crt", "utf8"), privateKey: key.stringValue });
   */
  public static fromPem(scope: Construct, id: string, props: PemProps): SslBridgeCert {
    const cert = new SslBridgeCert(scope, id, props, PEM);
    cert._checks.secret("privateKey", props.privateKey);
    cert.mustBePublic("certificate", props.certificate);
    // PEM allows a blank line between two blocks, but requires a line break.
    cert._pem = `${props.certificate}\n${props.privateKey}\n`;
    const rootCas = Object.entries(props.rootCas ?? {});
    const cas = rootCas.flatMap(([name, pem]) => {
      const prop = `rootCas["${name}"]`;
      cert.addRootCa(prop, name, { pem, source: pem });
      return Token.isUnresolved(pem) ? [] : [cert.judgedCa(prop, pem)];
    });
    if (!Token.isUnresolved(props.certificate)) {
      cert.judged("certificate", props.certificate, cas.length === rootCas.length ? cas : undefined, false);
    }
    return cert;
  }

  /** @internal */
  public readonly _checks: Checks;
  /** @internal */
  public readonly _rootCas = new Map<string, RootCa>();
  /** @internal */
  public _pem = "";
  /** @internal */
  public readonly _expiryWarningDays: number;

  private readonly coversMembers: boolean;
  private leaf: { readonly prop: string; readonly certificate: Certificate } | undefined;

  private constructor(scope: Construct, id: string, props: CertificateCheckProps, shape: AnyShape) {
    super(scope, id);
    // Each message ends with the construct's path, which is enough to find the construct.
    this.node.setContext(DISABLE_STACK_TRACE_IN_METADATA, true);
    checkStruct(this.node.path, "props", props, shape);
    this._checks = Checks.of(this);
    this._expiryWarningDays = this._checks.integer("expiryWarningDays", props.expiryWarningDays ?? 30, 1, 397);
    this.coversMembers = props.coversMembers ?? false;
  }

  /**
   * The day on which the certificate expires, such as `2027-03-01`. Undefined if the certificate
   * was not readable at synthesis.
   */
  public get expires(): string | undefined {
    return this.leaf === undefined ? undefined : day(this.leaf.certificate.notAfter);
  }

  /**
   * Checks that the certificate contains all names that clients and balancers use. The balancers check what synthesis
   * cannot read: names that are tokens, and a certificate that Terraform fills in.
   *
   * @internal
   */
  public _mustCover(clientNames: readonly string[], members: readonly string[]): void {
    if (this.leaf === undefined) return;
    const { prop, certificate } = this.leaf;
    const wanted = [...clientNames, ...(this.coversMembers ? members : [])].filter((name) => !Token.isUnresolved(name));
    const missing = missingNames(certificate, wanted);
    if (missing.length > 0) throw this.wrong(prop, lackOfNames(certificate, wanted, missing));
  }

  /**
   * Returns the text of the file at `path`. Throws if the file is not a PEM file. The first byte 0x30 (ASN.1) shows that
   * the file is in PFX or DER form.
   */
  private pemText(prop: string, path: string, read: Buffer): string {
    const text = read.toString("utf8");
    if (text.includes(CERTIFICATE)) return text;
    if (read[0] === 0x30) {
      throw this.wrong(
        prop,
        `must be in PEM form, got "${path}", which is in DER or PFX form. Convert it with ${COMMAND} from-pfx (PFX) or openssl x509 -inform der (DER)`,
      );
    }
    this.mustHold(prop, text, CERTIFICATE);
    return text;
  }

  private judged(prop: string, text: string, cas: readonly Certificate[] | undefined, keyExpected: boolean): void {
    const content = this.read(prop, text);
    const warnDays = this._expiryWarningDays;
    this.say(prop, judgeServer(content, { now: new Date(), warnDays, cas, keyExpected }));
    const [certificate] = content.certificates;
    if (certificate === undefined) return;
    this.leaf = { prop, certificate };
  }

  private judgedCa(prop: string, text: string): Certificate {
    const content = this.read(prop, text);
    this.say(prop, judgeCa(content, { now: new Date(), warnDays: this._expiryWarningDays }));
    const [certificate] = content.certificates;
    if (certificate === undefined) throw this.wrong(prop, "must hold a certificate, got none");
    return certificate;
  }

  private read(prop: string, text: string): PemContent {
    try {
      return readPem(text);
    } catch {
      throw this.wrong(prop, "must contain certificates in PEM form, got a certificate that cannot be read. It was cut off or changed during a transfer");
    }
  }

  private say(prop: string, { errors, warnings }: Judgement): void {
    if (errors.length > 0) throw this.wrong(prop, errors.join("; it "));
    for (const warning of warnings) Annotations.of(this).addWarning(`${inCallersWords(prop)} ${warning} [${this.node.path}]`);
  }

  private wrong(prop: string, text: string): Error {
    return refused(this.node.path, `${prop} ${text}`);
  }

  private addRootCa(prop: string, name: string, ca: RootCa, fromFile = false): void {
    this._checks.known(`${prop}'s name`, name, CONFIG_NAME);
    if (this._rootCas.has(name)) {
      throw refused(this.node.path, `${prop} must have a unique name, got "${name}" twice`);
    }
    this.mustBePublic(prop, ca.pem, fromFile);
    this._rootCas.set(name, ca);
  }

  /**
   * Checks that the text contains a certificate and no secret, because the text is shown in plans and kept in the
   * state.
   */
  private mustBePublic(prop: string, pem: string, fromFile = false): void {
    this.mustHold(prop, pem, CERTIFICATE, fromFile);
    const errorMessage = `${prop} must not contain a private key, because this value is shown in plans and kept in the state [${this.node.path}]`;
    if (!Token.isUnresolved(pem)) {
      if (pem.includes("PRIVATE KEY")) throw failure(errorMessage);
      return;
    }
    this._checks.terraform({
      values: [pem],
      condition: (text) => `${REFERENCE} && !can(regex("PRIVATE KEY", ${text}))`,
      errorMessage,
    });
  }

  /**
   * Checks that the text contains `what`. If not, the error message says how to convert DER and PFX, because the check
   * does not find out which form the text has.
   */
  private mustHold(prop: string, pem: string, what: string, fromFile = false): void {
    const errorMessage = `${prop} must be in PEM form and contain "${what}". To convert other forms, use openssl x509 -inform der (DER) or openssl pkcs12 (PFX) [${this.node.path}]`;
    if (!Token.isUnresolved(pem)) {
      if (!pem.includes(what)) throw failure(errorMessage);
      return;
    }
    this._checks.terraform({
      values: [pem],
      // An unreadable file gives an empty text, which passes here: a separate check reports unreadable files.
      condition: (text) => `${REFERENCE} && (${fromFile ? `${text} == "" || ` : ""}can(regex("${what}", ${text})))`,
      errorMessage,
    });
  }
}

/** A CA to trust. `source` is the CA's file or text; two entries with the same name and source are the same CA. */
interface RootCa {
  readonly pem: string;
  readonly source: string;
}

const FROM_PEM = "SslBridgeCert.fromPem() with a sensitive variable for the private key";
const FROM_FILE = true;
const CERTIFICATE = "-----BEGIN CERTIFICATE-----";
/**
 * A condition that is always true. Terraform refuses a condition without a reference, and file() does not count as a
 * reference.
 */
const REFERENCE = 'path.root != ""';
