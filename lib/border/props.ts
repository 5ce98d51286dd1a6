import { BorderMode } from "../choices/border-mode";
import { InnerAccess } from "../choices/border-access";
import { Publication } from "../choices/publication";
import { HAPROXY_COMMON, HaproxyCommonProps } from "../haproxy-node/props";
import type { KeepalivedPair, VirtualAddressProps } from "../keepalived-pair";
import { VIRTUAL_ADDRESS } from "../keepalived-pair-shape";
import { BALANCER_HOST, BalancerHost } from "../managed-host";
import { BY_RULE, Shape, having, instanceOf, listOf, required, struct } from "../validation/shape";

/** Properties of `BorderProxy`. */
export interface BorderProxyProps extends HaproxyCommonProps {
  /**
   * The pair that stands inside. Its nodes need `border: BorderAccess.from()` with the addresses that the border proxies
   * connect from. In one stack it is deployed first.
   *
   * @default - `innerAddresses`, of which there must be one then
   */
  readonly inner?: KeepalivedPair;

  /**
   * In place of `inner`: the addresses or DNS names of what stands inside, 1 to 16. May be tokens.
   *
   * @default - those of `inner`
   */
  readonly innerAddresses?: string[];

  /**
   * How `innerAddresses` are talked to: on which ports, and whether they are told who the client is.
   *
   * @default InnerAccess.proxyProtocol()
   */
  readonly innerAccess?: InnerAccess;

  /**
   * The names that are published, such as `mail.mydomain.com`: requests for others are answered 404, or in TCP mode not at
   * all. The certificate inside must carry the first one. May be tokens.
   *
   * @default - the client names of `inner`
   */
  readonly clientNames?: string[];

  /** How HTTPS is handled: opened with the certificate, or passed through by name. */
  readonly mode: BorderMode;

  /** What is published, each once, at least one of HTTPS. All else stays inside. */
  readonly publish: Publication[];

  /** The VM, or of two the one that holds the address when both are well. */
  readonly master: BalancerHost;

  /**
   * The VM that takes over. Goes with `vip`.
   *
   * @default - one VM, which serves on its own address
   */
  readonly backup?: BalancerHost;

  /**
   * The address that the two VMs hold between them. Goes with `backup`.
   *
   * @default - none
   */
  readonly vip?: VirtualAddressProps;
}

export const BORDER_PROXY: Shape<BorderProxyProps> = {
  ...HAPROXY_COMMON,
  inner: having("a KeepalivedPair, such as an ExchangeBalancer's vip", "takeoverTimes"),
  innerAddresses: BY_RULE,
  innerAccess: instanceOf("an InnerAccess, such as InnerAccess.plain()", InnerAccess),
  clientNames: BY_RULE,
  mode: required(instanceOf("a BorderMode, such as BorderMode.tcp()", BorderMode)),
  publish: required(listOf(instanceOf("a Publication, such as Publication.outlook()", Publication))),
  master: required(struct(BALANCER_HOST)),
  backup: struct(BALANCER_HOST),
  vip: struct(VIRTUAL_ADDRESS),
};
