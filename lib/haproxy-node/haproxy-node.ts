import { Resource } from "@cdktf/provider-null/lib/resource";
import { ITerraformDependable, SSHProvisionerConnection, Token } from "cdktf";
import { Construct, IConstruct } from "constructs";
import { HostFirewallMode } from "../choices/host-firewall-mode";
import { OsProfile } from "../choices/os-profile";
import { RemovalPolicy } from "../choices/removal-policy";
import { deliver } from "../delivery/delivery";
import { LeavingHost } from "../delivery/leaving";
import { OS_LAYOUTS } from "../host/os-family";
import { Checks } from "../validation/checks";
import { oneOf } from "../validation/errors";
import { HOST } from "../validation/rules";
import { served } from "./certificates";
import { haproxyState } from "./part";
import { HaproxyNodeProps } from "./props";
import { warn } from "./warnings";

/** The addresses of all nodes of an app, with the path of the node that has each. */
const claimed = new WeakMap<IConstruct, Map<string, string>>();

/**
 * One balancer VM: its haproxy with the allow lists and the certificate, the
 * CAs it trusts, its log files, its firewall. It is one null_resource; a plan
 * shows each of its files with the lines that change.
 *
 * @throws if a prop is not as it says
 */
export class HaproxyNode extends Construct {
  /** The VM's DNS name or IP address, as given. */
  public readonly host: string;
  /** The VM's operating system. */
  public readonly os: OsProfile;
  /** The TCP port on loopback where HAProxy says that it lives. */
  public readonly healthPort: number;
  /** Depend on this to wait until the node serves. */
  public readonly deployed: ITerraformDependable;

  /** @internal */
  public readonly _checks: Checks;
  /** @internal */
  public readonly _connection: SSHProvisionerConnection;
  /** @internal */
  public readonly _instanceId: string | undefined;
  /** @internal */
  public readonly _firewall: HostFirewallMode;
  /** @internal */
  public readonly _sshPort: number;
  /** @internal */
  public readonly _redeliver: string | undefined;
  /** @internal */
  public readonly _leaving: LeavingHost;
  /** @internal */
  public readonly _ipv6: boolean;
  /** @internal */
  public readonly _resource: Resource;
  /** The hosts of the DAG's members. @internal */
  public readonly _members: readonly string[];
  /** The pair that the node belongs to, which it can do once. @internal */
  public _pair: string | undefined;

  public constructor(scope: Construct, id: string, props: HaproxyNodeProps) {
    super(scope, id);
    this._checks = Checks.of(this);
    this.host = this._checks.text("host", props.host, HOST);
    this.os = props.os;
    this.healthPort = this._checks.integer("healthPort", props.healthPort ?? 8404, 1, 65535);
    this._instanceId = props.instanceId;
    oneOf(this.node.path, "firewall", props.firewall, HostFirewallMode);
    this._firewall = props.firewall ?? HostFirewallMode.FIREWALLD;
    this.claimHost();
    this._members = props.dag.members.map(({ host }) => host);
    this._members.forEach((member, index) => this._checks.apart("host", this.host, `the host of the DAG's members[${index}]`, member));
    this._sshPort = props.ssh._port;
    this._ipv6 = props.ipv6 ?? false;
    this._connection = props.ssh._connect(this, this._checks, this.host, props.hostKey);
    oneOf(this.node.path, "removalPolicy", props.removalPolicy, RemovalPolicy);
    this._redeliver = props.redeliver;
    this._leaving = { policy: props.removalPolicy ?? RemovalPolicy.RETAIN, keyFile: props.ssh._keyFile(this), bastionKeyFile: props.ssh._bastionKeyFile(this) };
    const state = haproxyState(this, this._checks, props, {
      layout: OS_LAYOUTS[props.os._family],
      healthPort: this.healthPort,
      ipv6: this._ipv6,
      firewall: this._firewall,
      sshPort: this._sshPort,
    });
    warn(this, props);
    this._resource = deliver(this, "Provision", {
      connection: this._connection,
      host: this.host,
      instanceId: this._instanceId,
      redeliver: this._redeliver,
      state,
      checks: [
        ...this._checks.tokenChecks,
        ...props.dag._checks.tokenChecks,
        ...(props.mode._sslBridge === undefined ? [] : served(props.mode._sslBridge).flatMap(({ cert }) => cert._checks.tokenChecks)),
      ],
      leaving: this._leaving,
      after: [],
    });
    this.deployed = this._resource;
  }

  /** Two nodes on one VM would write over each other's files. */
  private claimHost(): void {
    if (Token.isUnresolved(this.host)) return;
    const hosts = claimed.get(this.node.root) ?? new Map<string, string>();
    claimed.set(this.node.root, hosts);
    const other = hosts.get(this.host);
    if (other !== undefined) {
      throw new Error(`host must be another than that of ${other}, got "${this.host}" for both [${this.node.path}]`);
    }
    hosts.set(this.host, this.node.path);
  }
}
