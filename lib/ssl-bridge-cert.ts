import { basename, extname } from "node:path";
import { Token } from "cdktf";
import { Construct } from "constructs";
import { CONFIG_NAME, Checks } from "./checks";
import { LocalFile } from "./delivery/local-file";
import { argument, expression } from "./delivery/terraform-text";

/** Properties of `SslBridgeCert.fromPemFile()`. */
export interface PemFileProps {
  /**
   * The PEM file with the certificate, its chain and its private key, in this
   * order (HAProxy's `crt`). It is read by Terraform, at plan and apply, and
   * never at synthesis. A relative path begins at the folder that cdktf runs in.
   */
  readonly path: string;

  /**
   * PEM files of the CAs that vouch for the members' certificate, to be added to
   * the balancers' trust. A public CA needs none.
   *
   * @default - only the CAs that the system brings
   */
  readonly rootCas?: string[];
}

/** Properties of `SslBridgeCert.fromPem()`. */
export interface PemProps {
  /**
   * The certificate in PEM form, followed by its intermediates. May be a token.
   */
  readonly certificate: string;

  /**
   * The private key in PEM form. Must be a token, such as a resource's attribute
   * or the value of a sensitive variable: a literal would stand in cdk.tf.json.
   */
  readonly privateKey: string;

  /**
   * The CAs that vouch for the members' certificate, to be added to the
   * balancers' trust: name -> PEM text, which may be a token.
   *
   * @default - only the CAs that the system brings
   */
  readonly rootCas?: { [name: string]: string };
}

/**
 * The one certificate that the balancers present to clients. With SSL bridging
 * and Extended Protection (on since Exchange 2019 CU14) it must be the very one
 * that the Exchange servers present: Outlook else asks for the password forever.
 *
 * The private key is in no synthesized text, state, plan or log.
 *
 * @see https://microsoft.github.io/CSS-Exchange/Security/Extended-Protection/
 */
export class SslBridgeCert extends Construct {
  /**
   * A certificate that is in a PEM file where Terraform runs.
   *
   * @throws if a path holds a character that Terraform would not take for itself
   */
  public static fromPemFile(scope: Construct, id: string, props: PemFileProps): SslBridgeCert {
    const cert = new SslBridgeCert(scope, id);
    const { _checks: checks } = cert;
    cert._pem = new LocalFile(cert, checks, "path", props.path).content;
    cert.mustHold("path", cert._pem, "PRIVATE KEY-----", FROM_FILE);
    cert.mustHold("path", cert._pem, CERTIFICATE, FROM_FILE);
    for (const [index, path] of (props.rootCas ?? []).entries()) {
      const prop = `rootCas[${index}]`;
      const { content } = new LocalFile(cert, checks, prop, path);
      cert.addRootCa(prop, basename(path, extname(path)), content, FROM_FILE);
    }
    return cert;
  }

  /**
   * A certificate that other resources or variables of the stack hold.
   *
   * @throws if `privateKey` is a literal
   */
  public static fromPem(scope: Construct, id: string, props: PemProps): SslBridgeCert {
    const cert = new SslBridgeCert(scope, id);
    cert._checks.secret("privateKey", props.privateKey);
    cert.mustBePublic("certificate", props.certificate);
    // A blank line between two PEM blocks is allowed, a missing line break is not.
    cert._pem = `${props.certificate}\n${props.privateKey}\n`;
    for (const [name, pem] of Object.entries(props.rootCas ?? {})) {
      cert.addRootCa(`rootCas["${name}"]`, name, pem);
    }
    return cert;
  }

  /** @internal */
  public readonly _checks: Checks;
  /** @internal */
  public readonly _rootCas = new Map<string, string>();
  /** @internal */
  public _pem = "";

  private constructor(scope: Construct, id: string) {
    super(scope, id);
    this._checks = Checks.of(this);
  }

  private addRootCa(prop: string, name: string, pem: string, fromFile = false): void {
    this._checks.known(`${prop}'s name`, name, CONFIG_NAME);
    if (this._rootCas.has(name)) {
      throw new Error(`${prop} must have a name of its own, got "${name}" twice [${this.node.path}]`);
    }
    this.mustBePublic(prop, pem, fromFile);
    this._rootCas.set(name, pem);
  }

  /** A certificate and nothing secret: it is shown in plans and kept in state. */
  private mustBePublic(prop: string, pem: string, fromFile = false): void {
    this.mustHold(prop, pem, CERTIFICATE, fromFile);
    const errorMessage = `${prop} must hold no private key: it is shown in plans and kept in the state [${this.node.path}]`;
    if (!Token.isUnresolved(pem)) {
      if (pem.includes("PRIVATE KEY")) throw new Error(errorMessage);
      return;
    }
    this._checks.terraform({
      condition: expression(`${REFERENCE} && !can(regex("PRIVATE KEY", ${argument(pem)}))`),
      errorMessage,
    });
  }

  /** Not what is wrong but that it is: a PFX or a DER file, most of the time. */
  private mustHold(prop: string, pem: string, what: string, fromFile = false): void {
    const errorMessage = `${prop} must be in PEM form and hold "${what}" (openssl x509 -inform der, or openssl pkcs12, makes PEM of other forms) [${this.node.path}]`;
    if (!Token.isUnresolved(pem)) {
      if (!pem.includes(what)) throw new Error(errorMessage);
      return;
    }
    this._checks.terraform({
      // A file that cannot be read is empty here, and has a check of its own.
      condition: expression(`${REFERENCE} && (${fromFile ? `${argument(pem)} == "" || ` : ""}can(regex("${what}", ${argument(pem)})))`),
      errorMessage,
    });
  }
}

const FROM_FILE = true;
const CERTIFICATE = "-----BEGIN CERTIFICATE-----";
/** True. Terraform takes no condition that refers to nothing, and file() refers to nothing. */
const REFERENCE = 'path.root != ""';
