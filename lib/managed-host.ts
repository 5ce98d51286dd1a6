import { DISABLE_STACK_TRACE_IN_METADATA, ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { HostFirewallMode } from "./choices/host-firewall-mode";
import { OS_PROFILE, OsProfile } from "./choices/os-profile";
import { RemovalPolicy } from "./choices/removal-policy";
import { SshAccess } from "./choices/ssh-access";
import { Delivery } from "./delivery/delivery";
import { dependOn } from "./delivery/depend-on";
import { HostResource } from "./delivery/host-resource";
import { HostState } from "./host/host-state";
import { OsLayout } from "./host/systems";
import { HostPart } from "./host/part";
import { Checks, TokenCheck } from "./validation/checks";
import { claimHost } from "./validation/claims";
import { invalid } from "./validation/errors";
import { FIREWALL_ZONE, HOST } from "./validation/rules";
import { BY_RULE, FLAG, Shape, TEXT, choice, instanceOf, required } from "./validation/shape";

/** What all hosts that this library looks after have. */
export interface ManagedHostCommonProps {
  /** The host's operating system. */
  readonly os: OsProfile;

  /** How Terraform logs in. */
  readonly ssh: SshAccess;

  /**
   * Whether the host's firewall is part of what is deployed.
   *
   * @default HostFirewallMode.FIREWALLD
   */
  readonly firewall?: HostFirewallMode;

  /**
   * firewalld's zone on the hosts that ports are opened in, such as `internal`. May be a token.
   *
   * @default - the zone of the pair's `interface` as each host has it, else the default zone
   * @throws if it is no name of a zone, or `firewall` is UNMANAGED
   */
  readonly firewallZone?: string;

  /**
   * Whether the first deploy to a host may end what its hand-made haproxy and keepalived serve beyond the ports and
   * virtual addresses of these props. docs/adopting.md leads through it.
   *
   * @default false - the deploy names them and stops before it changes anything
   */
  readonly takeOver?: boolean;

  /**
   * Any text; when it changes, the hosts are checked and redelivered, although nothing
   * that they get has changed. What was edited on them is then reported and overwritten.
   * May be a token, such as a day or a ticket's number.
   *
   * @default - hosts are checked when something that they get changes
   */
  readonly redeliver?: string;

  /**
   * What becomes of a host that is no longer this stack's.
   *
   * @default RemovalPolicy.RETAIN - it goes on serving
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * What must be deployed before the hosts, such as the VMs themselves: resources, data sources, modules, other
   * hosts or balancers. What a prop gets by a token is waited for anyhow. `node.addDependency()` does the same.
   *
   * @default - nothing else
   */
  readonly dependsOn?: ITerraformDependable[];
}

/** One VM. */
export interface BalancerHost {
  /**
   * The DNS name or the IP address that Terraform reaches the VM by. May be a token.
   */
  readonly host: string;

  /**
   * The VM's public host keys: all lines that `ssh-keyscan HOST` prints, or one key without a name before it. Terraform
   * asks for ecdsa keys first, then rsa, then ed25519, so one key is enough only if it is the first of them
   * that the VM has; a lone rsa or ed25519 key is warned of. Hashed names are refused. May be a token. Another key is
   * taken for another VM, to which everything is delivered.
   *
   * @default - any key is accepted, with a warning: secrets go to whoever answers
   */
  readonly hostKey?: string;

  /**
   * What tells this very VM from its successor at the same address, such as the
   * `id` of its resource. When it changes, everything is delivered again. May be
   * a token.
   *
   * @default - a new VM at the same address is not noticed
   */
  readonly instanceId?: string;

  /**
   * Whether the VM is dead for now. Nothing is delivered to it, and the other node of its pair does
   * not wait for it. If it comes back by itself, it leaves the virtual addresses to the other
   * node until this prop is taken away and it was delivered again.
   *
   * @default false
   */
  readonly away?: boolean;

  /**
   * The VM's own IP address that `monitoring` listens on. May be a token.
   *
   * @default - its `host`, which must then be an IP address where it is monitored
   */
  readonly monitoringAddress?: string;
}

/** Properties of `ManagedHost`. */
export interface ManagedHostProps extends ManagedHostCommonProps, BalancerHost {}

export const MANAGED_HOST_COMMON: Shape<ManagedHostCommonProps> = {
  os: required(OS_PROFILE),
  ssh: required(instanceOf("an SshAccess, such as SshAccess.agent()", SshAccess)),
  firewall: choice(HostFirewallMode),
  firewallZone: BY_RULE,
  takeOver: FLAG,
  redeliver: TEXT,
  removalPolicy: choice(RemovalPolicy),
  dependsOn: BY_RULE,
};

export const BALANCER_HOST: Shape<BalancerHost> = {
  host: BY_RULE,
  hostKey: BY_RULE,
  monitoringAddress: BY_RULE,
  instanceId: TEXT,
  away: FLAG,
};

export const MANAGED_HOST: Shape<ManagedHostProps> = { ...MANAGED_HOST_COMMON, ...BALANCER_HOST };

/**
 * One VM that this library looks after: how it is reached, which system it runs, its firewall, what becomes of it when
 * it leaves. What the VM is for are its parts. Everything on it is delivered by one null_resource, whole and at once; a
 * plan shows each of its files with the lines that change.
 */
export abstract class ManagedHost extends Construct implements ITerraformDependable {
  /** The VM's DNS name or IP address, as given. */
  public readonly host: string;
  /** The VM's operating system. */
  public readonly os: OsProfile;
  /** Depend on this, or on the construct itself, to wait until the host serves. */
  public readonly deployed: ITerraformDependable;

  /** @internal */
  public readonly _away: boolean;
  /** @internal */
  public readonly _checks: Checks;
  /** @internal */
  public readonly _layout: OsLayout;
  /** @internal */
  public readonly _sshPort: number;
  /** @internal */
  public readonly _resource: HostResource;

  private readonly delivery: Delivery;
  private readonly firewall: HostFirewallMode;
  private readonly zone: string | undefined;
  private readonly takeOver: boolean;
  private readonly policy: RemovalPolicy;
  private readonly parts: HostPart[] = [];
  private readonly tokenChecks: (() => readonly TokenCheck[])[] = [];

  /** @throws if a prop is not as it says */
  protected constructor(scope: Construct, id: string, props: ManagedHostProps) {
    super(scope, id);
    // The path that every warning ends with is enough to find its construct; a stack trace each costs a large synthesis a tenth.
    this.node.setContext(DISABLE_STACK_TRACE_IN_METADATA, true);
    this._checks = Checks.of(this);
    this.host = this._checks.text("host", props.host, HOST);
    this.os = props.os;
    this.firewall = props.firewall ?? HostFirewallMode.FIREWALLD;
    this.zone = props.firewallZone === undefined ? undefined : this._checks.text("firewallZone", props.firewallZone, FIREWALL_ZONE);
    if (this.zone !== undefined && this.firewall === HostFirewallMode.UNMANAGED) {
      throw invalid(this.node.path, "firewallZone", "left out with HostFirewallMode.UNMANAGED", this.zone);
    }
    this.takeOver = props.takeOver ?? false;
    this.policy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    this._away = props.away ?? false;
    claimHost(this, this.host);
    this._layout = props.os._layout;
    this._sshPort = props.ssh._port;
    this.delivery = new Delivery(this, {
      connection: props.ssh._connect(this, this._checks, this.host, props.hostKey),
      host: this.host,
      instanceId: props.instanceId,
      hostKey: props.hostKey,
      redeliver: props.redeliver,
      away: this._away,
      state: () => this.state(),
      checks: () => [...this._checks.tokenChecks, ...this.tokenChecks.flatMap((checks) => checks())],
      leaving: { policy: this.policy, keyFile: props.ssh._keyFile(this), bastionKeyFile: props.ssh._bastionKeyFile(this) },
    });
    this._resource = this.delivery.resource;
    this.deployed = this._resource;
    dependOn(this, props.dependsOn);
  }

  /** The host's address in Terraform, for `dependsOn`. */
  public get fqn(): string {
    return this._resource.fqn;
  }

  /**
   * Adds to what the host is for. The checks are Terraform's, and are asked for at synthesis.
   *
   * @internal
   */
  public _addPart(part: HostPart, checks: () => readonly TokenCheck[]): void {
    this.parts.push(part);
    this.tokenChecks.push(checks);
    this.delivery.changed();
  }

  /**
   * What the host's haproxy reads, by path; without the files that are named.
   *
   * @internal
   */
  public _served(without: readonly string[]): { readonly [path: string]: string } {
    const files = this.parts.flatMap((part) => part.files).filter(({ path, usedBy }) => (usedBy === "haproxy" || usedBy === "trust") && !without.includes(path));
    // The metrics port is bound to the host's own address.
    return Object.fromEntries(files.map(({ path, content }) => [path, content.replace(/^frontend fe_metrics\n(?:(?: .*)?\n)*/m, "")]));
  }

  /**
   * Puts a part in the place of the one of the same name.
   *
   * @internal
   */
  protected _replacePart(part: HostPart): void {
    this.parts.splice(this.parts.findIndex(({ name }) => name === part.name), 1, part);
  }

  private state(): HostState {
    const { _layout: { family }, _majorVersion: version } = this.os;
    return {
      os: { family, version },
      leave: this.policy,
      takeOver: this.takeOver,
      firewall:
        this.firewall === HostFirewallMode.FIREWALLD
          ? { sshPort: this._sshPort, zone: this.zone, packages: this._layout.firewallPackages }
          : undefined,
      parts: this.parts,
    };
  }
}
