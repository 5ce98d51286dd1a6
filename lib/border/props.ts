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
   * The pair of balancers behind the border proxy. Set `border: BorderAccess.from()` on both nodes of the pair, with
   * the addresses of the border proxies. If the pair is in the same stack, Terraform deploys the pair before the border
   * proxy.
   *
   * @default - none: set `innerAddresses` instead
   */
  readonly inner?: KeepalivedPair;

  /**
   * The addresses or DNS names of the servers behind the border proxy, 1 to 16. Set this prop instead of `inner`. May
   * be tokens.
   *
   * @default - the addresses of `inner`
   */
  readonly innerAddresses?: string[];

  /**
   * How the border proxy connects to the servers in `innerAddresses`: on which ports, and with or without the client's
   * address (PROXY protocol).
   *
   * @default InnerAccess.proxyProtocol()
   */
  readonly innerAccess?: InnerAccess;

  /**
   * The DNS names that the border proxy serves, such as `mail.mydomain.com`. With SSL bridging, requests for other
   * names get 404. In TCP mode, HAProxy closes connections for other names. The certificate of the servers behind the
   * border proxy must contain the first name in this list. May be tokens.
   *
   * @default - the client names of `inner`
   */
  readonly clientNames?: string[];

  /**
   * How the border proxy handles HTTPS: it decrypts requests with the certificate (SSL bridging), or passes connections
   * on without decrypting them (TCP mode).
   */
  readonly mode: BorderMode;

  /**
   * The services that the border proxy publishes. At least one publication must be for HTTPS, and no publication may be
   * listed twice. Clients of the border proxy reach only the services in this list.
   */
  readonly publish: Publication[];

  /** The VM that holds the virtual addresses while both VMs are healthy. Without `backup`, this is the only VM. */
  readonly master: BalancerHost;

  /**
   * The VM that takes over if the master VM fails. Requires `vip`.
   *
   * @default - none: the border proxy is one VM, which serves on its own address
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
