import { Annotations, SSHProvisionerConnection } from "cdktf";
import { Construct } from "constructs";
import { Checks } from "../validation/checks";
import { HOST, HOST_KEY, USER } from "../validation/rules";
import { LocalFile } from "../delivery/local-file";
import { expression } from "../delivery/terraform-text";
import { Duration } from "./duration";

/** A host to go through. */
export interface SshBastion {
  /** Its DNS name or IP address. May be a token. */
  readonly host: string;

  /**
   * The user there.
   *
   * @default - the same user as on the node
   */
  readonly user?: string;

  /**
   * Its ssh port.
   *
   * @default 22
   */
  readonly port?: number;

  /**
   * Its public host key, such as `ssh-ed25519 AAAA…`. Terraform before 1.16 does
   * not look at it, and holds the node's `hostKey`, where one is set, against the
   * bastion: with a bastion, pinning needs 1.16.
   *
   * @default - any key is taken
   */
  readonly hostKey?: string;
}

/** Options that all factories of `SshAccess` have. */
export interface SshAccessOptions {
  /**
   * The user: root, or one who may use sudo without a password. Its home folder
   * should be its own alone (0700), as root's is. May be a token.
   *
   * @default "root"
   */
  readonly user?: string;

  /**
   * The ssh port of the nodes.
   *
   * @default 22
   */
  readonly port?: number;

  /**
   * A host to go through.
   *
   * @default - the nodes are reached directly
   */
  readonly bastion?: SshBastion;

  /**
   * How long Terraform tries to connect. It tries again after a wrong key, too.
   *
   * @default Duration.minutes(5) - a VM of the same stack may still be booting
   */
  readonly connectTimeout?: Duration;
}

/** Options for `SshAccess.privateKeyFile()`. */
export interface PrivateKeyFileOptions extends SshAccessOptions {
  /**
   * The private key's file where Terraform runs. A relative path begins at the
   * folder that cdktf runs in.
   */
  readonly path: string;
}

/** Options for `SshAccess.privateKey()`. */
export interface PrivateKeyOptions extends SshAccessOptions {
  /**
   * The private key in PEM or OpenSSH form. Must be a token: a literal would
   * stand in cdk.tf.json. A `RemovalPolicy` that reaches out to the host logs in
   * with the keys of the ssh agent instead: Terraform would have to keep this one
   * in its state.
   */
  readonly privateKey: string;
}

/** How Terraform logs in on the nodes. */
export class SshAccess {
  /** With the keys of the ssh agent (SSH_AUTH_SOCK) of whoever runs Terraform. */
  public static agent(options: SshAccessOptions = {}): SshAccess {
    return new SshAccess(options, undefined, undefined);
  }

  /** With a private key in a file. */
  public static privateKeyFile(options: PrivateKeyFileOptions): SshAccess {
    return new SshAccess(options, options.path, undefined);
  }

  /** With a private key that another resource or a sensitive variable holds. */
  public static privateKey(options: PrivateKeyOptions): SshAccess {
    return new SshAccess(options, undefined, options.privateKey);
  }

  private constructor(
    private readonly options: SshAccessOptions,
    private readonly keyPath: string | undefined,
    private readonly key: string | undefined,
  ) {}

  /** @internal */
  public get _port(): number {
    return this.options.port ?? 22;
  }

  /** @internal */
  public _connect(scope: Construct, checks: Checks, host: string, hostKey: string | undefined): SSHProvisionerConnection {
    const { user = "root", bastion, connectTimeout = Duration.minutes(5) } = this.options;
    return {
      type: "ssh",
      host,
      user: checks.text("ssh.user", user, USER),
      port: checks.integer("ssh.port", this._port, 1, 65535),
      ...this.credentials(scope, checks),
      ...this.hostKeys(scope, checks, hostKey),
      ...(bastion === undefined
        ? {}
        : {
            bastionHost: checks.text("ssh.bastion.host", bastion.host, HOST),
            bastionUser: checks.text("ssh.bastion.user", bastion.user ?? user, USER),
            bastionPort: checks.integer("ssh.bastion.port", bastion.port ?? 22, 1, 65535),
          }),
      timeout: `${Math.ceil(connectTimeout.toMilliseconds() / 1000)}s`,
      // Under the home folder: /tmp may be noexec, and is open to all.
      scriptPath: "./.cdktf-exchange-balancer-%RAND%.sh",
    };
  }

  /** Where the key is when a host is to be left; a key that a token holds is not at hand then. @internal */
  public _keyFile(scope: Construct): string | undefined {
    return this.keyPath === undefined ? undefined : LocalFile.pathFor(scope, this.keyPath);
  }

  private hostKeys(scope: Construct, checks: Checks, hostKey: string | undefined): { hostKey?: string; bastionHostKey?: string } {
    const bastionHostKey = this.options.bastion?.hostKey;
    if (hostKey !== undefined) checks.text("hostKey", hostKey, HOST_KEY);
    if (bastionHostKey !== undefined) checks.text("ssh.bastion.hostKey", bastionHostKey, HOST_KEY);
    if (hostKey !== undefined && this.options.bastion !== undefined) {
      Annotations.of(scope).addWarning(
        "hostKey together with ssh.bastion needs Terraform 1.16: older ones hold the node's key against the bastion, " +
          `too, and do not connect [${scope.node.path}]`,
      );
    }
    return { hostKey, bastionHostKey };
  }

  private credentials(scope: Construct, checks: Checks): { agent?: string; privateKey?: string } {
    if (this.keyPath !== undefined) {
      const file = new LocalFile(scope, checks, "ssh.path", this.keyPath);
      return { agent: "false", privateKey: expression(`sensitive(${file.content})`) };
    }
    if (this.key !== undefined) return { agent: "false", privateKey: checks.secret("ssh.privateKey", this.key) };
    return { agent: "true" };
  }
}
