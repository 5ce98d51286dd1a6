import { basename, extname } from "node:path";
import { Construct } from "constructs";
import { CONFIG_NAME, Checks, LOCAL_PATH } from "./checks";
import { LocalFile } from "./delivery/local-file";

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
    checks.text("path", props.path, LOCAL_PATH);
    cert._pem = new LocalFile(cert, checks, "path", props.path).content;
    for (const [index, path] of (props.rootCas ?? []).entries()) {
      const prop = `rootCas[${index}]`;
      checks.text(prop, path, LOCAL_PATH);
      const name = basename(path, extname(path));
      checks.text(`${prop}'s file name`, name, CONFIG_NAME);
      cert.addRootCa(prop, name, new LocalFile(cert, checks, prop, path).content);
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
    // A blank line between two PEM blocks is allowed, a missing line break is not.
    cert._pem = `${props.certificate}\n${props.privateKey}\n`;
    for (const [name, pem] of Object.entries(props.rootCas ?? {})) {
      cert._checks.text("rootCas' name", name, CONFIG_NAME);
      cert.addRootCa("rootCas", name, pem);
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

  private addRootCa(prop: string, name: string, pem: string): void {
    if (this._rootCas.has(name)) {
      throw new Error(`${prop} must have a name of its own, got "${name}" twice [${this.node.path}]`);
    }
    this._rootCas.set(name, pem);
  }
}
