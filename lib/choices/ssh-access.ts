import { Annotations, SSHProvisionerConnection } from "cdktf";
import { Construct } from "constructs";
import { confusable, knownHosts } from "../delivery/known-hosts";
import { LocalFile } from "../delivery/local-file";
import { expression } from "../delivery/terraform-text";
import { Checks } from "../validation/checks";
import { inCallersWords, refused, wrong } from "../validation/errors";
import { AGENT_IDENTITY, HOST, SSH_CERTIFICATE, USER } from "../validation/rules";
import { BY_RULE, Shape, checkStruct, required, struct } from "../validation/shape";
import { DURATION, Duration } from "./duration";
import { checkHostKeys } from "./host-keys";

/** A bastion host. Terraform connects to the nodes through it. */
export interface SshBastion {
  /** The bastion's DNS name or IP address. May be a token. */
  readonly host: string;

  /**
   * The user on the bastion.
   *
   * @default - the user for the nodes
   */
  readonly user?: string;

  /**
   * The bastion's ssh port.
   *
   * @default 22
   */
  readonly port?: number;

  /**
   * The bastion's public host keys: all lines that `ssh-keyscan BASTION` prints. Set this if you also set the nodes'
   * `hostKey`, because OpenTofu, and Terraform before 1.16, check both the bastion and the node against one common list
   * of keys. This library writes the keys of both hosts into that list. May be a token.
   *
   * @default - any key is accepted
   */
  readonly hostKey?: string;

  /**
   * The path of a separate private key file for the bastion. A relative path starts in the folder in which cdktf runs.
   * With `SshAccess.agent()`, leave this out and add the key to the agent.
   *
   * @default - the nodes' key
   */
  readonly privateKeyPath?: string;

  /**
   * The text of a separate private key for the bastion, instead of `privateKeyPath`. Must be a token.
   *
   * @default - the nodes' key
   */
  readonly privateKey?: string;

  /**
   * The ssh certificate of the bastion's separate private key: the text of `id_ed25519-cert.pub`. May be a token.
   *
   * @default - none
   */
  readonly certificate?: string;
}

/** Options that all factories of `SshAccess` share. */
export interface SshAccessOptions {
  /**
   * The user: root, or a user with passwordless sudo. (`requiretty` works, because Terraform asks for a terminal.) The
   * user's home folder should be accessible only to this user (0700). The login shell must understand `chmod 0777 FILE;
   * FILE`, as sh, bash, zsh and fish do. The user's `.bashrc` must not print anything in a session without a terminal,
   * because such output breaks every scp, including Terraform's file uploads. May be a token.
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
   * A bastion host. Terraform connects to the nodes through it.
   *
   * @default - Terraform connects to the nodes directly
   */
  readonly bastion?: SshBastion;

  /**
   * How long Terraform tries to connect. If an attempt fails, even because of a wrong key, Terraform tries again until
   * this time is over.
   *
   * @default Duration.minutes(5) - time for a VM of the same stack to boot
   */
  readonly connectTimeout?: Duration;
}

/** Options for `SshAccess.agent()`. */
export interface SshAgentOptions extends SshAccessOptions {
  /**
   * Which of the agent's keys is tried first: the comment that `ssh-add -L` prints at the end of the key's line, or the
   * absolute path of the public key file without `.pub`. Set this if the agent has more keys than sshd's `MaxAuthTries`
   * (6). Otherwise sshd can end the login before Terraform tries the right key.
   *
   * @default - the keys are tried in the agent's order
   */
  readonly agentIdentity?: string;
}

/** Options for `SshAccess.privateKeyFile()`. */
export interface PrivateKeyFileOptions extends SshAccessOptions {
  /**
   * The path of the private key file on the machine where Terraform runs. A relative path starts in the folder in which
   * cdktf runs. Remote runs (HCP Terraform) have only the stack's folder. For remote runs, use `SshAccess.privateKey()`
   * with a sensitive variable.
   */
  readonly path: string;

  /**
   * The ssh certificate of the key in `path`: the text of `id_ed25519-cert.pub`. May be a token.
   *
   * @default - none
   */
  readonly certificate?: string;
}

/** Options for `SshAccess.privateKey()`. */
export interface PrivateKeyOptions extends SshAccessOptions {
  /**
   * The private key in PEM or OpenSSH form. Must be a token, because a literal would be in cdk.tf.json. When Terraform
   * removes a host with `RemovalPolicy.RELEASE` or `RemovalPolicy.DESTROY`, it logs in with the keys of the ssh agent
   * instead of this key. Otherwise Terraform would have to keep this key in its state.
   */
  readonly privateKey: string;

  /**
   * The ssh certificate of `privateKey`: the text of `id_ed25519-cert.pub`. May be a token.
   *
   * @default - none
   */
  readonly certificate?: string;
}

const BASTION: Shape<SshBastion> = {
  host: BY_RULE,
  user: BY_RULE,
  port: BY_RULE,
  hostKey: BY_RULE,
  privateKeyPath: BY_RULE,
  privateKey: BY_RULE,
  certificate: BY_RULE,
};
const OPTIONS: Shape<SshAccessOptions> = { user: BY_RULE, port: BY_RULE, bastion: struct(BASTION), connectTimeout: DURATION };
const AGENT: Shape<SshAgentOptions> = { ...OPTIONS, agentIdentity: BY_RULE };
const KEY_FILE: Shape<PrivateKeyFileOptions> = { ...OPTIONS, path: required(BY_RULE), certificate: BY_RULE };
const KEY: Shape<PrivateKeyOptions> = { ...OPTIONS, privateKey: required(BY_RULE), certificate: BY_RULE };

/** The login to the nodes: by agent, key file or private key. */
interface Login {
  readonly agentIdentity?: string;
  readonly path?: string;
  readonly privateKey?: string;
  readonly certificate?: string;
}

/**
 * How Terraform logs in to the nodes. If you change these settings, the change takes effect with the next delivery, but
 * does not cause a delivery.
 *
 * @example
 * const agent = SshAccess.agent({ user: "deploy" });
 * const throughBastion = SshAccess.privateKeyFile({ path: "id_ed25519", bastion: { host: "jump.mydomain.local" } });
 */
export class SshAccess {
  /**
   * Uses the keys in the ssh agent of the user who runs Terraform: the agent at SSH_AUTH_SOCK, or Pageant on Windows.
   * (OpenTofu also uses Windows' own agent.)
   */
  public static agent(options: SshAgentOptions = {}): SshAccess {
    checkStruct("SshAccess.agent", "options", options, AGENT);
    return new SshAccess(options, { agentIdentity: options.agentIdentity });
  }

  /** Uses a private key file. */
  public static privateKeyFile(options: PrivateKeyFileOptions): SshAccess {
    checkStruct("SshAccess.privateKeyFile", "options", options, KEY_FILE);
    return new SshAccess(options, { path: options.path, certificate: options.certificate });
  }

  /** Uses a private key from another resource or a sensitive variable. */
  public static privateKey(options: PrivateKeyOptions): SshAccess {
    checkStruct("SshAccess.privateKey", "options", options, KEY);
    return new SshAccess(options, { privateKey: options.privateKey, certificate: options.certificate });
  }

  private constructor(
    private readonly options: SshAccessOptions,
    private readonly login: Login,
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
      ...(bastion === undefined ? {} : this.through(scope, checks, bastion, user)),
      ...this.hostKeys(scope, checks, host, hostKey),
      timeout: `${Math.ceil(connectTimeout.toMilliseconds() / 1000)}s`,
      // Terraform's script goes to the home folder, because /tmp is open to all users, and might be noexec.
      scriptPath: "./.cdktf-exchange-balancer-%RAND%.sh",
    };
  }

  /**
   * The path of the key file with which Terraform logs in to remove a host. Undefined if the key is a token, because a
   * token has no value during the removal. @internal
   */
  public _keyFile(scope: Construct): string | undefined {
    return this.login.path === undefined ? undefined : LocalFile.pathFor(scope, this.login.path);
  }

  /** The path of the bastion's own key file, if there is one. @internal */
  public _bastionKeyFile(scope: Construct): string | undefined {
    const path = this.options.bastion?.privateKeyPath;
    return path === undefined ? undefined : LocalFile.pathFor(scope, path);
  }

  private through(scope: Construct, checks: Checks, bastion: SshBastion, user: string): Partial<SSHProvisionerConnection> {
    const { privateKeyPath, privateKey, certificate } = bastion;
    const withAgent = this.login.path === undefined && this.login.privateKey === undefined;
    if (withAgent && (privateKeyPath ?? privateKey) !== undefined) {
      throw refused(scope.node.path, "ssh.bastion must have no private key of its own if ssh is SshAccess.agent(). Add the bastion's key to the agent");
    }
    if (privateKeyPath !== undefined && privateKey !== undefined) {
      throw refused(scope.node.path, "ssh.bastion must have either privateKeyPath or privateKey, got both");
    }
    if (certificate !== undefined && (privateKeyPath ?? privateKey) === undefined) {
      throw refused(scope.node.path, "ssh.bastion.certificate must be set together with the bastion's private key that it certifies, got no private key");
    }
    if (this.login.certificate !== undefined && certificate === undefined && (privateKeyPath ?? privateKey) !== undefined) {
      // Otherwise Terraform uses the nodes' certificate for the bastion's key, fails, and prints the key.
      throw wrong(scope.node.path, "ssh.bastion.certificate", "set if ssh.certificate is set and the bastion has its own private key", "none");
    }
    return {
      bastionHost: checks.text("ssh.bastion.host", bastion.host, HOST),
      bastionUser: checks.text("ssh.bastion.user", bastion.user ?? user, USER),
      bastionPort: checks.integer("ssh.bastion.port", bastion.port ?? 22, 1, 65535),
      ...(privateKeyPath === undefined ? {} : { bastionPrivateKey: keyText(scope, checks, "ssh.bastion.privateKeyPath", privateKeyPath, "ssh.bastion.privateKey") }),
      ...(privateKey === undefined ? {} : { bastionPrivateKey: checks.secret("ssh.bastion.privateKey", privateKey) }),
      ...(certificate === undefined ? {} : { bastionCertificate: checks.text("ssh.bastion.certificate", certificate, SSH_CERTIFICATE) }),
    };
  }

  private hostKeys(scope: Construct, checks: Checks, host: string, hostKey: string | undefined): { hostKey?: string; bastionHostKey?: string } {
    const { bastion } = this.options;
    if (hostKey !== undefined) checkHostKeys(scope, checks, "hostKey", hostKey);
    if (bastion?.hostKey !== undefined) checkHostKeys(scope, checks, "ssh.bastion.hostKey", bastion.hostKey);
    const warn = (text: string): void => Annotations.of(scope).addWarning(`${inCallersWords(text)} [${scope.node.path}]`);
    if (bastion !== undefined && hostKey !== undefined && bastion.hostKey === undefined) {
      warn("hostKey is set, but ssh.bastion.hostKey is not set. OpenTofu, and Terraform before 1.16, then check the bastion against the node's keys, and do not connect");
    }
    if (bastion?.hostKey !== undefined && hostKey === undefined) {
      warn("ssh.bastion.hostKey is set, but hostKey is not set. OpenTofu, and Terraform before 1.16, then accept any key from the bastion and from the node");
    }
    const through = bastion?.hostKey === undefined ? undefined : { host: bastion.host, port: bastion.port ?? 22, keys: bastion.hostKey };
    const own = hostKey === undefined ? undefined : { host, port: this._port, keys: hostKey };
    if (own !== undefined && through !== undefined && confusable(own, through)) {
      warn("all keys in hostKey and ssh.bastion.hostKey have the same type. OpenTofu, and Terraform before 1.16, then expect the node's key from the bastion, and do not connect. Set each of the two props to all lines that ssh-keyscan prints");
    }
    return {
      ...(own === undefined ? {} : { hostKey: knownHosts(own, through) }),
      ...(through === undefined ? {} : { bastionHostKey: knownHosts(through) }),
    };
  }

  private credentials(scope: Construct, checks: Checks): Partial<SSHProvisionerConnection> {
    const { agentIdentity, path, privateKey, certificate } = this.login;
    const certified = certificate === undefined ? {} : { certificate: checks.text("ssh.certificate", certificate, SSH_CERTIFICATE) };
    if (path !== undefined) {
      return { agent: "false", privateKey: keyText(scope, checks, "ssh.path", path, "SshAccess.privateKey()"), ...certified };
    }
    if (privateKey !== undefined) return { agent: "false", privateKey: checks.secret("ssh.privateKey", privateKey), ...certified };
    return {
      agent: "true",
      ...(agentIdentity === undefined ? {} : { agentIdentity: checks.text("ssh.agentIdentity", agentIdentity, AGENT_IDENTITY) }),
    };
  }
}

/**
 * Returns a token for the Terraform code that reads a private key file. The token is text, because cdktf's types
 * require text. Terraform never stores the key in its state.
 */
function keyText(scope: Construct, checks: Checks, prop: string, path: string, remedy: string): string {
  const file = new LocalFile(scope, checks, { prop, path, instead: `${remedy} with a sensitive variable` });
  return expression(`sensitive(${file.code()})`);
}
