import { UserDataTarget } from "./choices/user-data-target";
import { UserDataBundle } from "./delivery/user-data";
import { Shape, TEXTS_BY_NAME, choice, required } from "./validation/shape";

/** Options for `ManagedHost.cloudInit()`. */
export interface CloudInitOptions {
  /** The platform that receives the user data. The platform determines the maximum size. */
  readonly target: UserDataTarget;

  /**
   * A shell command for each secret of the host: the secret's path -> a command that prints the secret, such as `{
   * "/etc/haproxy/exch.pem": "vault kv get -field=pem secret/exch" }`. The host runs each command as root at its first
   * boot, up to five times, for up to 60 s each time. Put no password into a command: the commands are in the user data,
   * which users on the host can read. A command must print the content of the file, byte for byte. The content for
   * keepalived's password is `auth_pass PASSWORD` and a line end. The commands must not be tokens.
   *
   * @default - the first deploy over ssh brings the secrets; until then, a host that needs secrets has its packages but
   * does not serve
   */
  readonly secretCommands?: { readonly [path: string]: string };
}

export const CLOUD_INIT: Shape<CloudInitOptions> = {
  target: required(choice(UserDataTarget)),
  secretCommands: TEXTS_BY_NAME,
};

/**
 * User data for cloud-init, for a host's first boot: a shell script with all of the host's files, but without secrets.
 * `cloudInit()` of a host creates it.
 *
 * `text` and `base64Gzip` are tokens. Before Terraform creates the VM that uses the user data, it checks the size of
 * the user data and the values in it.
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

  /** The script as plain text. In a MIME message, the script needs the type `text/x-shellscript`. */
  public get text(): string {
    return this.bundle.form("text");
  }

  /** The script, compressed with gzip and encoded in base64. cloud-init decompresses it by itself. */
  public get base64Gzip(): string {
    return this.bundle.form("base64Gzip");
  }
}
