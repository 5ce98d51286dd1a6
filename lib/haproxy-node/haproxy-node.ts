import { Resource } from "@cdktf/provider-null/lib/resource";
import { ITerraformDependable, SSHProvisionerConnection } from "cdktf";
import { Construct } from "constructs";
import { HostFirewallMode } from "../choices/host-firewall-mode";
import { OsProfile } from "../choices/os-profile";
import { RemovalPolicy } from "../choices/removal-policy";
import { deliver } from "../delivery/delivery";
import { LeavingHost } from "../delivery/leaving";
import { KEEPALIVED_PAIR } from "../keepalived-pair-shape";
import { Checks } from "../validation/checks";
import { claimHost } from "../validation/claims";
import { HOST } from "../validation/rules";
import { checkStruct } from "../validation/shape";
import { served } from "./certificates";
import { haproxyState } from "./part";
import { HAPROXY_NODE, HaproxyNodeProps } from "./props";
import { warn } from "./warnings";

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
  /** The pair that the node belongs to, which it can do once. @internal */
  public _pair: string | undefined;

  public constructor(scope: Construct, id: string, props: HaproxyNodeProps) {
    super(scope, id);
    // ExchangeBalancer hands all of its props on.
    checkStruct(this.node.path, "props", props, HAPROXY_NODE, Object.keys(KEEPALIVED_PAIR));
    this._checks = Checks.of(this);
    this.host = this._checks.text("host", props.host, HOST);
    this.os = props.os;
    this.healthPort = this._checks.integer("healthPort", props.healthPort ?? 8404, 1, 65535);
    this._instanceId = props.instanceId;
    this._firewall = props.firewall ?? HostFirewallMode.FIREWALLD;
    claimHost(this, this.host);
    this._sshPort = props.ssh._port;
    this._ipv6 = props.ipv6 ?? false;
    this._connection = props.ssh._connect(this, this._checks, this.host, props.hostKey);
    this._redeliver = props.redeliver;
    this._leaving = { policy: props.removalPolicy ?? RemovalPolicy.RETAIN, keyFile: props.ssh._keyFile(this) };
    const state = haproxyState(this, this._checks, props, {
      layout: props.os._layout,
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
}
