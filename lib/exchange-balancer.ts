import { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { HaproxyNode } from "./haproxy-node/haproxy-node";
import { HAPROXY_NODE_COMMON, HaproxyNodeCommonProps } from "./haproxy-node/props";
import { KeepalivedPair, VirtualAddressProps } from "./keepalived-pair";
import { VIRTUAL_ADDRESS } from "./keepalived-pair-shape";
import { BALANCER_HOST, BalancerHost } from "./managed-host";
import { Shape, checkStruct, required, struct } from "./validation/shape";

/** Properties of `ExchangeBalancer`. */
export interface ExchangeBalancerProps extends HaproxyNodeCommonProps, VirtualAddressProps {
  /** The VM that holds the virtual addresses while both VMs are healthy. */
  readonly master: BalancerHost;

  /** The VM that takes over if the master VM fails. */
  readonly backup: BalancerHost;
}

const HOST = required(struct(BALANCER_HOST));

const EXCHANGE_BALANCER: Shape<ExchangeBalancerProps> = { ...HAPROXY_NODE_COMMON, ...VIRTUAL_ADDRESS, master: HOST, backup: HOST };

/**
 * Two balancers in front of a DAG, and their virtual addresses. At any time, one of the two balancers holds the virtual
 * addresses. The two VMs differ only in their own addresses and keys. If your VMs differ in other settings, use two
 * `HaproxyNode`s and a `KeepalivedPair`.
 *
 * @throws if a prop is invalid (see `HaproxyNode` and `KeepalivedPair`)
 * @example
 * new ExchangeBalancer(this, "Mail", {
 *   dag,
 *   mode: BalancingMode.sslBridge({ cert }),
 *   allow: { smtp: ["10.8.5.17/32"], ecp: ["10.8.5.0/24"] },
 *   os: OsProfile.ALMALINUX_9,
 *   ssh: SshAccess.agent(),
 *   master: { host: "10.12.8.11", hostKey: readFileSync("lb01.keys", "utf8") },
 *   backup: { host: "10.12.8.12", hostKey: readFileSync("lb02.keys", "utf8") },
 *   virtualAddresses: ["10.12.8.15"],
 *   interface: "ens192",
 *   virtualRouterId: 233,
 * });
 */
export class ExchangeBalancer extends Construct implements ITerraformDependable {
  /** The node that holds the virtual addresses while both nodes are healthy. */
  public readonly master: HaproxyNode;
  /** The node that takes over if the master node fails. */
  public readonly backup: HaproxyNode;
  /** The construct that connects both nodes with keepalived and gives them the virtual addresses. */
  public readonly vip: KeepalivedPair;
  /**
   * The Terraform resources of both nodes. Use them, or the construct itself, in `dependsOn` to wait until the
   * balancers serve clients.
   */
  public readonly deployed: ITerraformDependable[];

  public constructor(scope: Construct, id: string, props: ExchangeBalancerProps) {
    super(scope, id);
    checkStruct(this.node.path, "props", props, EXCHANGE_BALANCER);
    const { master, backup } = props;
    const ipv6 = props.ipv6 ?? [props, props.activeActive].some((group) => (group?.virtualIpv6Addresses ?? []).length > 0);
    this.master = new HaproxyNode(this, "Master", { ...props, ipv6, ...master });
    this.backup = new HaproxyNode(this, "Backup", { ...props, ipv6, ...backup });
    this.vip = new KeepalivedPair(this, "Vip", { ...props, master: this.master, backup: this.backup });
    this.deployed = this.vip.deployed;
  }

  /**
   * The Terraform address of the master node's resource, for `dependsOn`. Terraform deploys the master node last, so a
   * resource that depends on this address waits for both nodes.
   */
  public get fqn(): string {
    return this.vip.fqn;
  }
}
