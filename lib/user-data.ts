import { UserDataTarget } from "./choices/user-data-target";
import { UserDataBundle } from "./delivery/user-data";
import { Shape, TEXTS_BY_NAME, choice, required } from "./validation/shape";

/** Options of `cloudInit()`. */
export interface CloudInitOptions {
  /** Where the user data goes, which decides how large it may be. */
  readonly target: UserDataTarget;

  /**
   * For each secret of the host, by its path there, a shell command that prints it, such as
   * `{ "/etc/haproxy/exch.pem": "vault kv get -field=pem secret/exch" }`. The host runs each at its first boot as root, up to five
   * times of 60 s each. The commands themselves are in the user data, which the host's users can read: put no password into them.
   * What a command prints must be the file, byte for byte; for keepalived's password that is `auth_pass PASSWORD` and a line end.
   * No command may be a token.
   *
   * @default - secrets come with the first deploy over ssh; until then a host that needs any has its packages, and does not serve
   */
  readonly secretCommands?: { readonly [path: string]: string };
}

export const CLOUD_INIT: Shape<CloudInitOptions> = {
  target: required(choice(UserDataTarget)),
  secretCommands: TEXTS_BY_NAME,
};

/**
 * What a host is given at its first boot, as user data for cloud-init: a shell script with all of the host's files, and no
 * secret. `cloudInit()` of a host makes it.
 *
 * Each form is a token, checked before the VM that is given it is made: by the same rules as at a deploy, and for its size.
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
