import { DISABLE_STACK_TRACE_IN_METADATA, ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { HostFirewallMode } from "./choices/host-firewall-mode";
import { OS_PROFILE, OsProfile } from "./choices/os-profile";
import { RemovalPolicy } from "./choices/removal-policy";
import { SshAccess } from "./choices/ssh-access";
import { USER_DATA_LIMITS } from "./choices/user-data-target";
import { Delivery } from "./delivery/delivery";
import { dependOn } from "./delivery/depend-on";
import { HostResource } from "./delivery/host-resource";
import { UserDataBundle } from "./delivery/user-data";
import { HostState } from "./host/host-state";
import { OsLayout } from "./host/systems";
import { HostPart } from "./host/part";
import { CLOUD_INIT, CloudInitOptions, UserData } from "./user-data";
import { Checks, TokenCheck } from "./validation/checks";
import { claimHost } from "./validation/claims";
import { LIST_ENTRY, invalid, isHandWritten, isListEntry, refused, wrong } from "./validation/errors";
import { FIREWALL_ZONE, HOST, MOMENT, SECRET_COMMAND } from "./validation/rules";
import { BY_RULE, FLAG, Shape, TEXT, checkStruct, choice, instanceOf, required } from "./validation/shape";

/** The props that all hosts of this library share. */
export interface ManagedHostCommonProps {
  /** The host's operating system. */
  readonly os: OsProfile;

  /** How Terraform logs in. */
  readonly ssh: SshAccess;

  /**
   * Whether the deploy manages the host's firewall.
   *
   * @default HostFirewallMode.FIREWALLD
   */
  readonly firewall?: HostFirewallMode;

  /**
   * The firewalld zone in which ports are opened, such as `internal`: the zone of the pair's `interface`, or one with sources. A
   * deploy stops before it opens ports in a zone that receives no traffic. May be a token.
   *
   * @default - the zone of the pair's `interface` on each host; without a pair, the default zone
   * @throws if it is not a valid zone name, or `firewall` is UNMANAGED
   */
  readonly firewallZone?: string;

  /**
   * Whether the first deploy to a host may stop serving ports and virtual addresses that a hand-made haproxy or keepalived serves
   * there and that these props do not have. docs/adopting.md has the steps.
   *
   * @default false - the deploy names them and stops before it changes anything
   */
  readonly takeOver?: boolean;

  /**
   * Any text, such as a date or a ticket number. When it changes, the hosts are checked and
   * redelivered, even if nothing else has changed. Edits on the hosts are then reported and
   * overwritten. May be a token.
   *
   * @default - a host is checked only when one of its files or settings changes
   */
  readonly redeliver?: string;

  /**
   * A time in UTC, such as `2026-11-26T21:04:11Z`. This deploy may replace what was delivered to the hosts up to then from
   * another Terraform state, or from a newer copy of this state. A deploy that stops for that reason prints the time to
   * set. Later deliveries are not overruled, so you need not remove it. May be a token.
   *
   * @default - such a deploy stops before it changes anything
   * @throws if it is not a time in this form
   */
  readonly overrule?: string;

  /**
   * Whether Terraform logs in to the hosts and delivers to them. Set it to false as long as nobody can log in. The hosts then
   * keep the state that their user data (`cloudInit()`) brought at the first boot, without later changes. If it is true, a deploy
   * waits until ssh answers.
   *
   * @default true
   * @throws if it is false and `removalPolicy` is not RETAIN, which needs a login
   */
  readonly sshDelivery?: boolean;

  /**
   * What happens to a host that leaves the stack. Deploy a change of it before you run `cdktf destroy`.
   *
   * @default RemovalPolicy.RETAIN - the host continues to serve
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Resources, data sources, modules, hosts or balancers that must be deployed before the hosts, such as the VMs
   * themselves. A token in a prop already causes that. `node.addDependency()` does the same.
   *
   * @default - nothing else
   */
  readonly dependsOn?: ITerraformDependable[];
}

/** One balancer VM. */
export interface BalancerHost {
  /**
   * The DNS name or IP address by which Terraform reaches the VM. May be a token.
   */
  readonly host: string;

  /**
   * The VM's public host keys: all lines that `ssh-keyscan HOST` prints, or one key without a name before it. Terraform
   * asks for ecdsa keys first, then rsa, then ed25519, so a single key is enough only if it is the VM's first one in this
   * order; synthesis warns of a single rsa or ed25519 key. Hashed names are refused. May be a token. A changed key means a
   * new VM, to which everything is delivered.
   *
   * @default - any key is accepted, with a warning, because the secrets go to any machine that answers at the address
   */
  readonly hostKey?: string;

  /**
   * A value that distinguishes this VM from a later one at the same address, such as the
   * `id` of its resource. When it changes, everything is delivered again. May be
   * a token.
   *
   * @default - a new VM at the same address is not noticed
   */
  readonly instanceId?: string;

  /**
   * Whether the VM is out of order for now. Nothing is delivered to it, and the other node of its pair
   * does not wait for it. If it comes back by itself, it leaves the virtual addresses to the other
   * node until you remove this prop and deploy.
   *
   * @default false
   */
  readonly away?: boolean;

  /**
   * The VM's own IP address on which the metrics port listens. May be a token.
   *
   * @default - `host`; with `monitoring` it must then be an IP address
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
  overrule: BY_RULE,
  sshDelivery: FLAG,
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
 * One VM that this library manages: how Terraform reaches it, its system, its firewall, and what happens when it leaves the
 * stack. Subclasses add parts, such as haproxy. One null_resource delivers everything at once, and a plan shows each changed
 * line of each file.
 */
export abstract class ManagedHost extends Construct implements ITerraformDependable {
  /** The VM's DNS name or IP address, as given. */
  public readonly host: string;
  /** The VM's operating system. */
  public readonly os: OsProfile;
  /** Depend on this, or on the construct itself, to wait until the host is in service. */
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

  /**
   * The other hosts of its pair, whose addresses are in this one's files or checks.
   *
   * @internal
   */
  public readonly _partners: ManagedHost[] = [];
  /** What only an existing VM can tell of itself, and so cannot be in its user data. @internal */
  public readonly _ofTheVm: readonly string[];

  private bornFrom: UserData | undefined;
  private readonly delivery: Delivery;
  private readonly firewall: HostFirewallMode;
  private readonly zone: string | undefined;
  private readonly takeOver: boolean;
  private readonly overrule: string | undefined;
  private readonly policy: RemovalPolicy;
  private readonly parts: HostPart[] = [];
  private readonly tokenChecks: (() => readonly TokenCheck[])[] = [];

  /** @throws if a prop is invalid */
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
    this.overrule = props.overrule === undefined ? undefined : this._checks.text("overrule", props.overrule, MOMENT);
    this.policy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    this._away = props.away ?? false;
    const reached = props.sshDelivery ?? true;
    if (!reached && this.policy !== RemovalPolicy.RETAIN) throw invalid(this.node.path, "removalPolicy", "RETAIN with sshDelivery: false", this.policy);
    this._ofTheVm = [props.host, props.hostKey ?? "", props.instanceId ?? "", props.monitoringAddress ?? ""];
    claimHost(this, this.host);
    for (const prop of ["instanceId", "redeliver"] as const) checkWish(this, prop, props[prop]);
    this._layout = props.os._layout;
    this._sshPort = props.ssh._port;
    this.delivery = new Delivery(this, {
      connection: props.ssh._connect(this, this._checks, this.host, props.hostKey),
      host: this.host,
      instanceId: props.instanceId,
      hostKey: props.hostKey,
      redeliver: props.redeliver,
      away: this._away || !reached,
      state: () => this.state(),
      checks: () => this.allChecks(),
      leaving: { policy: this.policy, keyFile: props.ssh._keyFile(this), bastionKeyFile: props.ssh._bastionKeyFile(this) },
    });
    this._resource = this.delivery.resource;
    this.deployed = this._resource;
    dependOn(this, props.dependsOn);
  }

  /**
   * Returns user data with which cloud-init configures the host at its first boot: packages, files, firewall and services, as a
   * deploy over ssh does, but without secrets. Later deploys change nothing until a prop changes. All its values must be known
   * before the VM exists. So the VM's own address must be fixed or come from a network port. See docs/cloud-init.md.
   *
   * @throws if it is called twice, an option is invalid, or the user data is too large for its target or needs the VM itself
   */
  public cloudInit(options: CloudInitOptions): UserData {
    checkStruct(this.node.path, "options", options, CLOUD_INIT);
    if (this.bornFrom !== undefined) throw refused(this.node.path, "cloudInit() must be called once for a host: keep what it returns");
    const { target, secretCommands = {} } = options;
    for (const [path, command] of Object.entries(secretCommands)) this._checks.known(`secretCommands[${JSON.stringify(path)}]`, command, SECRET_COMMAND);
    this.bornFrom = UserData._of(
      new UserDataBundle(this, {
        state: () => this.state(),
        checks: () => this.allChecks(),
        secretCommands,
        limit: USER_DATA_LIMITS[target],
        ofTheVm: () => [this, ...this._partners].flatMap(({ _ofTheVm }) => _ofTheVm),
      }),
    );
    return this.bornFrom;
  }

  private allChecks(): readonly TokenCheck[] {
    return [...this._checks.tokenChecks, ...this.tokenChecks.flatMap((checks) => checks())];
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
    // The metrics port is bound to the host's own address; each node has a name of its own among those that share bans.
    return Object.fromEntries(files.map(({ path, content }) => [path, content.replace(/^(?:frontend fe_metrics|peers .*)\n(?:(?: .*)?\n)*/gm, "").replace(/^ +localpeer .*\n/m, "")]));
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
      overrule: this.overrule,
      firewall:
        this.firewall === HostFirewallMode.FIREWALLD
          ? { sshPort: this._sshPort, zone: this.zone, packages: this._layout.firewallPackages }
          : undefined,
      parts: this.parts,
    };
  }
}

/**
 * Text of any kind, but no entry of a list that Terraform fills in, which cdktf cannot write. An instance id that is Terraform
 * code by hand would stay that text for ever, and no new VM would be noticed.
 */
function checkWish(scope: Construct, prop: "instanceId" | "redeliver", value: string | undefined): void {
  if (value === undefined) return;
  if (isListEntry(value)) throw wrong(scope.node.path, prop, "text, which may be a token", LIST_ENTRY);
  if (prop === "instanceId" && isHandWritten(value)) throw invalid(scope.node.path, prop, "text, which may be a token", value);
}
