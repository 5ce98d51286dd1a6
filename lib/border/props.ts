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
   * The pair of balancers inside. Its nodes need `border: BorderAccess.from()` with the border proxies' addresses. If
   * the pair is in the same stack, it is deployed before the border proxy.
   *
   * @default - none; `innerAddresses` must then be set
   */
  readonly inner?: KeepalivedPair;

  /**
   * The addresses or DNS names of the servers inside, 1 to 16. Set this instead of `inner`. May be tokens.
   *
   * @default - the addresses of `inner`
   */
  readonly innerAddresses?: string[];

  /**
   * How the border proxy connects to `innerAddresses`: the ports, and whether it sends the client's address.
   *
   * @default InnerAccess.proxyProtocol()
   */
  readonly innerAccess?: InnerAccess;

  /**
   * The DNS names that are published, such as `mail.mydomain.com`. With SSL bridging, requests for other names get 404.
   * In TCP mode, connections for other names are closed. The certificate inside must contain the first name. May be
   * tokens.
   *
   * @default - the client names of `inner`
   */
  readonly clientNames?: string[];

  /** How HTTPS is handled: decrypted with the certificate, or passed on without decryption. */
  readonly mode: BorderMode;

  /**
   * What the border proxy publishes. Each publication may be listed once. At least one publication must be for HTTPS.
   * Everything else stays inside.
   */
  readonly publish: Publication[];

  /** The VM that holds the virtual addresses while both VMs are healthy. Without `backup`, the only VM. */
  readonly master: BalancerHost;

  /**
   * The VM that takes over if the master VM fails. Requires `vip`.
   *
   * @default - none: the master VM serves on its own address
   */
  readonly backup?: BalancerHost;

  /**
   * The virtual addresses that the two VMs share. Requires `backup`.
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
