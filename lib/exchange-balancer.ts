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
  /** The VM that holds the address when both are well. */
  readonly master: BalancerHost;

  /** The VM that takes over. */
  readonly backup: BalancerHost;
}

const HOST = required(struct(BALANCER_HOST));

const EXCHANGE_BALANCER: Shape<ExchangeBalancerProps> = { ...HAPROXY_NODE_COMMON, ...VIRTUAL_ADDRESS, master: HOST, backup: HOST };

/**
 * The whole of the article: two balancers that are alike in all but their
 * address, and the address between them.
 *
 * @throws as `HaproxyNode` and `KeepalivedPair` do
 */
export class ExchangeBalancer extends Construct implements ITerraformDependable {
  /** The node that holds the address when both are well. */
  public readonly master: HaproxyNode;
  /** The node that takes over. */
  public readonly backup: HaproxyNode;
  /** The address between them. */
  public readonly vip: KeepalivedPair;
  /** Depend on these, or on the construct itself, to wait until mail is served. */
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

  /** The balancer's address in Terraform, for `dependsOn`: the master is deployed last. */
  public get fqn(): string {
    return this.vip.fqn;
  }
}
