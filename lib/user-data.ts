import { UserDataTarget } from "./choices/user-data-target";
import { UserDataBundle } from "./delivery/user-data";
import { Shape, TEXTS_BY_NAME, choice, required } from "./validation/shape";

/** Options of `cloudInit()`. */
export interface CloudInitOptions {
  /** Where the user data goes. This determines its maximum size. */
  readonly target: UserDataTarget;

  /**
   * A shell command for each secret of the host: the secret's path -> the command that prints it, such as
   * `{ "/etc/haproxy/exch.pem": "vault kv get -field=pem secret/exch" }`. The host runs each command as root at its first boot,
   * up to five times for up to 60 s each. The commands themselves are in the user data, which the host's users can read: put no password into them.
   * What a command prints must be the file, byte for byte; for keepalived's password that is `auth_pass PASSWORD` and a line end.
   * No command may be a token.
   *
   * @default - secrets come with the first deploy over ssh; until then a host with secrets has its packages and does not serve
   */
  readonly secretCommands?: { readonly [path: string]: string };
}

export const CLOUD_INIT: Shape<CloudInitOptions> = {
  target: required(choice(UserDataTarget)),
  secretCommands: TEXTS_BY_NAME,
};

/**
 * User data for cloud-init, for a host's first boot: a shell script with all of the host's files and no secret. A host's
 * `cloudInit()` creates it.
 *
 * Each form is a token. Terraform checks its values and its size before it creates the VM that uses it.
 *
 * @example
 * const node = new HaproxyNode(this, "Node", { dag, mode, ssh, os: OsProfile.DEBIAN_12, host: "10.12.8.11" });
 * const { base64Gzip } = node.cloudInit({ target: UserDataTarget.VSPHERE });
 * new TerraformOutput(this, "userdata", { value: base64Gzip });
 */
export class UserData {
  /** @internal */
  public static _of(bundle: UserDataBundle): UserData {
    return new UserData(bundle);
  }

  private constructor(private readonly bundle: UserDataBundle) {}

  /** The script itself. As a part of a MIME message, its type is `text/x-shellscript`. */
  public get text(): string {
    return this.bundle.form("text");
  }

  /** The script, compressed by gzip and in base64. cloud-init decompresses it by itself. */
  public get base64Gzip(): string {
    return this.bundle.form("base64Gzip");
  }
}
