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

/** The props that all kinds of hosts in this library share. */
export interface ManagedHostCommonProps {
  /** The host's operating system. */
  readonly os: OsProfile;

  /** How Terraform logs in to the host. */
  readonly ssh: SshAccess;

  /**
   * Whether the deploy manages the host's firewall.
   *
   * @default HostFirewallMode.FIREWALLD
   */
  readonly firewall?: HostFirewallMode;

  /**
   * The firewalld zone in which the deploy opens ports, such as `internal`. Name the zone of the pair's `interface`, or a
   * zone that has sources. If no traffic reaches the zone, the deploy stops and opens no ports. May be a token.
   *
   * @default - the zone of the pair's `interface` on each host; without a pair, the default zone
   * @throws if the name of the zone is invalid, or if `firewall` is UNMANAGED
   */
  readonly firewallZone?: string;

  /**
   * Whether the first deploy to a host may close ports and remove virtual addresses that somebody configured by hand in
   * haproxy or keepalived. Ports and addresses that your props contain are always kept. docs/adopting.md has the steps.
   *
   * @default false - the deploy lists these ports and addresses, and stops before it changes anything
   */
  readonly takeOver?: boolean;

  /**
   * Any text, such as a date or a ticket number. If you change it, the next deploy checks the hosts and delivers all
   * files again, even if no other setting has changed. If somebody has edited a file on a host, the deploy reports and
   * overwrites this file. May be a token.
   *
   * @default - a deploy checks a host only if one of its files or settings has changed
   */
  readonly redeliver?: string;

  /**
   * A time in UTC, such as `2026-11-26T21:04:11Z`. The deploy may replace everything that a different Terraform state, or a
   * newer copy of this state, delivered to the hosts up to this time. If a deploy stops because of such a delivery, the
   * error message contains the time to set here. You can leave the prop in your code, because it has no effect on
   * deliveries after this time. May be a token.
   *
   * @default - the deploy stops before it changes anything
   * @throws if the text is not a time in this form
   */
  readonly overrule?: string;

  /**
   * Whether Terraform logs in to the hosts and deploys to them. Set this to false as long as nobody can log in to the
   * hosts. With false, the hosts stay as their user data (`cloudInit()`) configured them at the first boot, and get no
   * later changes. With true, a deploy waits until ssh answers.
   *
   * @default true
   * @throws if it is false, and `removalPolicy` is not RETAIN (other policies need a login)
   */
  readonly sshDelivery?: boolean;

  /**
   * What happens to a host that is removed from the stack. After you change this to RELEASE or DESTROY, deploy before
   * you run `cdktf destroy`.
   *
   * @default RemovalPolicy.RETAIN - the host continues to serve
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Resources, data sources, modules, hosts or balancers that must be deployed before the hosts, such as the VMs
   * themselves. If a prop contains a token of a resource, you need not list the resource. `node.addDependency()` has
   * the same effect.
   *
   * @default - nothing else
   */
  readonly dependsOn?: ITerraformDependable[];
}

/** One balancer VM. */
export interface BalancerHost {
  /**
   * The DNS name or IP address that Terraform uses to connect to the VM. May be a token.
   */
  readonly host: string;

  /**
   * The VM's public host keys: all lines that `ssh-keyscan HOST` prints, or a single key without a host name before it.
   * Terraform asks the VM for an ecdsa key first, then for rsa, then for ed25519. If you give a single key, give the
   * VM's first key in this order; synthesis warns if there is only an rsa or ed25519 key. Hashed host names are refused.
   * May be a token. If you change the key, the deploy treats the VM as a new VM, and delivers everything.
   *
   * @default - any key is accepted; synthesis warns, because any machine at this address would receive the secrets
   */
  readonly hostKey?: string;

  /**
   * A value that distinguishes this VM from a later VM at the same address, such as the `id` of the VM's resource. If
   * the value changes, the deploy delivers everything again. May be a token.
   *
   * @default - a new VM at the same address is not noticed
   */
  readonly instanceId?: string;

  /**
   * Whether the VM is out of order for some time. Deploys skip the VM, and the deploy to the other node of the pair does
   * not wait for this VM. If the VM starts again, it leaves the virtual addresses to the other node until you remove this
   * prop and deploy.
   *
   * @default false
   */
  readonly away?: boolean;

  /**
   * The VM's own IP address on which the metrics port listens. May be a token.
   *
   * @default - `host`, which must be an IP address if `monitoring` is set
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
 * One VM that this library manages: its address, login, operating system, firewall, and removal policy. Subclasses add
 * parts, such as haproxy. One null_resource delivers everything together, and a plan shows each changed line of each
 * file.
 */
export abstract class ManagedHost extends Construct implements ITerraformDependable {
  /** The VM's DNS name or IP address, as given. */
  public readonly host: string;
  /** The VM's operating system. */
  public readonly os: OsProfile;
  /** Use this, or the construct itself, in `dependsOn` to wait until the host serves. */
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
   * The other host of the pair; empty without a pair. The files or checks of this host contain the other host's address.
   *
   * @internal
   */
  public readonly _partners: ManagedHost[] = [];
  /** Values that are known only after the VM exists, so they cannot be in its user data. @internal */
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
    // Warnings have no stack trace: each warning ends with the construct's path, which is enough to find the construct.
    // Stack traces would take a tenth of the time of a large synthesis.
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
   * Returns user data that cloud-init uses to configure the host at its first boot. Like a deploy over ssh, the user
   * data sets up packages, files, firewall and services, but it contains no secrets. A later deploy changes nothing until
   * a prop changes. All values in the user data must be known before the VM exists. So the VM's own address must be
   * fixed, or come from a network port. See docs/cloud-init.md.
   *
   * @throws if it is called twice for one host, if an option is invalid, or if the user data is too large for its
   * target or depends on the VM itself
   */
  public cloudInit(options: CloudInitOptions): UserData {
    checkStruct(this.node.path, "options", options, CLOUD_INIT);
    if (this.bornFrom !== undefined) throw refused(this.node.path, "cloudInit() must be called only once for each host: keep the object that it returns");
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

  /** The Terraform address of the host's resource, for `dependsOn`. */
  public get fqn(): string {
    return this._resource.fqn;
  }

  /**
   * Adds a part to the host. `checks` returns the part's Terraform checks, and is called at synthesis.
   *
   * @internal
   */
  public _addPart(part: HostPart, checks: () => readonly TokenCheck[]): void {
    this.parts.push(part);
    this.tokenChecks.push(checks);
    this.delivery.changed();
  }

  /**
   * The text of each file that haproxy on this host reads: path -> text. Leaves out the paths in `without`.
   *
   * @internal
   */
  public _served(without: readonly string[]): { readonly [path: string]: string } {
    const files = this.parts.flatMap((part) => part.files).filter(({ path, usedBy }) => (usedBy === "haproxy" || usedBy === "trust") && !without.includes(path));
    // Leaves out the lines that differ between two equal nodes: the metrics port is bound to the host's own address, and
    // each node has its own name among the peers.
    return Object.fromEntries(files.map(({ path, content }) => [path, content.replace(/^(?:frontend fe_metrics|peers .*)\n(?:(?: .*)?\n)*/gm, "").replace(/^ +localpeer .*\n/m, "")]));
  }

  /**
   * Puts `part` in place of the host's part that has the same name.
   *
   * @internal
   */
  protected _replacePart(part: HostPart): void {
    this.parts.splice(this.parts.findIndex(({ name }) => name === part.name), 1, part);
  }

  private state(): HostState {
    const { _layout: { family }, _version: version } = this.os;
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
 * Accepts any text except a single entry of a list token (see `isListEntry`). For `instanceId`, also refuses a Terraform
 * expression that is written by hand: its text would never change, so a new VM would not be noticed.
 */
function checkWish(scope: Construct, prop: "instanceId" | "redeliver", value: string | undefined): void {
  if (value === undefined) return;
  if (isListEntry(value)) throw wrong(scope.node.path, prop, "text, which may be a token", LIST_ENTRY);
  if (prop === "instanceId" && isHandWritten(value)) throw invalid(scope.node.path, prop, "text, which may be a token", value);
}
