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

/** A host through which Terraform reaches the nodes. */
export interface SshBastion {
  /** The bastion's DNS name or IP address. May be a token. */
  readonly host: string;

  /**
   * The user on the bastion.
   *
   * @default - the same user as on the node
   */
  readonly user?: string;

  /**
   * The bastion's ssh port.
   *
   * @default 22
   */
  readonly port?: number;

  /**
   * The bastion's public host keys: all lines that `ssh-keyscan BASTION` prints. Set it if you set the
   * nodes' `hostKey`: Terraform before 1.16 and OpenTofu check both hosts against one list of keys,
   * and this library writes both hosts' keys into it. May be a token.
   *
   * @default - any key is accepted
   */
  readonly hostKey?: string;

  /**
   * The file with a separate private key for the bastion. A relative path starts
   * at the folder in which cdktf runs. With `SshAccess.agent()`, leave this out and
   * add the key to the agent.
   *
   * @default - the nodes' key
   */
  readonly privateKeyPath?: string;

  /**
   * The text of a separate private key for the bastion, instead of
   * `privateKeyPath`. Must be a token.
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
   * The user: root, or a user with passwordless sudo (`requiretty` is no obstacle, because
   * Terraform asks for a terminal). Only that user should be able to enter the user's home folder
   * (0700), as with root's. The login shell must understand `chmod 0777 FILE; FILE`: sh, bash, zsh
   * and fish do. A `.bashrc` that prints something in a session without a terminal breaks every
   * scp, including Terraform's. May be a token.
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
   * A host through which Terraform reaches the nodes.
   *
   * @default - the nodes are reached directly
   */
  readonly bastion?: SshBastion;

  /**
   * How long Terraform tries to connect. It also retries after a wrong key.
   *
   * @default Duration.minutes(5) - a VM of the same stack may still be booting
   */
  readonly connectTimeout?: Duration;
}

/** Options for `SshAccess.agent()`. */
export interface SshAgentOptions extends SshAccessOptions {
  /**
   * The agent's key to try first: its comment, which `ssh-add -L` prints at the end of the line, or the absolute path
   * of its public key file without `.pub`. Set it if the agent has more keys than sshd's `MaxAuthTries` (6): otherwise
   * sshd can end the login before the right key is tried.
   *
   * @default - the agent's order
   */
  readonly agentIdentity?: string;
}

/** Options for `SshAccess.privateKeyFile()`. */
export interface PrivateKeyFileOptions extends SshAccessOptions {
  /**
   * The private key's file on the machine where Terraform runs. A relative path starts at the
   * folder in which cdktf runs. Remote runs (HCP Terraform) have only the stack's folder: use
   * `SshAccess.privateKey()` with a sensitive variable there.
   */
  readonly path: string;

  /**
   * The ssh certificate of that key: the text of `id_ed25519-cert.pub`. May be a token.
   *
   * @default - none
   */
  readonly certificate?: string;
}

/** Options for `SshAccess.privateKey()`. */
export interface PrivateKeyOptions extends SshAccessOptions {
  /**
   * The private key in PEM or OpenSSH form. Must be a token, because a literal would
   * be in cdk.tf.json. `RemovalPolicy.RELEASE` and `RemovalPolicy.DESTROY` log in with the
   * keys of the ssh agent instead, because Terraform would have to keep this key in its state.
   */
  readonly privateKey: string;

  /**
   * The ssh certificate of that key: the text of `id_ed25519-cert.pub`. May be a token.
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

/** How the nodes are logged in to: one of three. */
interface Login {
  readonly agentIdentity?: string;
  readonly path?: string;
  readonly privateKey?: string;
  readonly certificate?: string;
}

/**
 * How Terraform logs in on the nodes. A change takes effect with the next delivery, and causes none by itself.
 *
 * @example
 * const agent = SshAccess.agent({ user: "deploy" });
 * const throughBastion = SshAccess.privateKeyFile({ path: "id_ed25519", bastion: { host: "jump.mydomain.local" } });
 */
export class SshAccess {
  /**
   * Uses the keys in the ssh agent of the user who runs Terraform: SSH_AUTH_SOCK, on Windows Pageant (with
   * OpenTofu also Windows' own agent).
   */
  public static agent(options: SshAgentOptions = {}): SshAccess {
    checkStruct("SshAccess.agent", "options", options, AGENT);
    return new SshAccess(options, { agentIdentity: options.agentIdentity });
  }

  /** Uses a private key in a file. */
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
      // Under the home folder: /tmp may be noexec, and is open to all.
      scriptPath: "./.cdktf-exchange-balancer-%RAND%.sh",
    };
  }

  /** Where the key is when a host is to be left; a key that a token holds is not at hand then. @internal */
  public _keyFile(scope: Construct): string | undefined {
    return this.login.path === undefined ? undefined : LocalFile.pathFor(scope, this.login.path);
  }

  /** The same of the bastion, where it has a key of its own. @internal */
  public _bastionKeyFile(scope: Construct): string | undefined {
    const path = this.options.bastion?.privateKeyPath;
    return path === undefined ? undefined : LocalFile.pathFor(scope, path);
  }

  private through(scope: Construct, checks: Checks, bastion: SshBastion, user: string): Partial<SSHProvisionerConnection> {
    const { privateKeyPath, privateKey, certificate } = bastion;
    const withAgent = this.login.path === undefined && this.login.privateKey === undefined;
    if (withAgent && (privateKeyPath ?? privateKey) !== undefined) {
      throw refused(scope.node.path, "ssh.bastion must have no private key with SshAccess.agent(): add the key to the agent");
    }
    if (privateKeyPath !== undefined && privateKey !== undefined) {
      throw refused(scope.node.path, "ssh.bastion must have either privateKeyPath or privateKey, got both");
    }
    if (certificate !== undefined && (privateKeyPath ?? privateKey) === undefined) {
      throw refused(scope.node.path, "ssh.bastion.certificate must come with the private key that it certifies, got none");
    }
    if (this.login.certificate !== undefined && certificate === undefined && (privateKeyPath ?? privateKey) !== undefined) {
      // Terraform takes the nodes' certificate for the bastion's key then, fails, and prints that key.
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
      warn("ssh.bastion.hostKey is not set, but hostKey is: Terraform before 1.16 and OpenTofu then check the bastion against the node's keys and do not connect");
    }
    if (bastion?.hostKey !== undefined && hostKey === undefined) {
      warn("ssh.bastion.hostKey is set, but hostKey is not: Terraform before 1.16 and OpenTofu then check neither");
    }
    const through = bastion?.hostKey === undefined ? undefined : { host: bastion.host, port: bastion.port ?? 22, keys: bastion.hostKey };
    const own = hostKey === undefined ? undefined : { host, port: this._port, keys: hostKey };
    if (own !== undefined && through !== undefined && confusable(own, through)) {
      warn("hostKey and ssh.bastion.hostKey have keys of one kind alone: Terraform before 1.16 and OpenTofu then take the node's key for the bastion's and do not connect. Give all lines that ssh-keyscan prints");
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

/** A private key's text. cdktf's typings want a string, and the state never has it. */
function keyText(scope: Construct, checks: Checks, prop: string, path: string, remedy: string): string {
  const file = new LocalFile(scope, checks, { prop, path, instead: `${remedy} with a sensitive variable` });
  return expression(`sensitive(${file.code()})`);
}
