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
   * The pair inside. Its nodes need `border: BorderAccess.from()` with the addresses from which the border proxies connect. In
   * the same stack it is deployed first.
   *
   * @default - `innerAddresses`, which must then have at least one entry
   */
  readonly inner?: KeepalivedPair;

  /**
   * The addresses or DNS names of the servers inside, 1 to 16, instead of `inner`. May be tokens.
   *
   * @default - those of `inner`
   */
  readonly innerAddresses?: string[];

  /**
   * How the border proxy connects to `innerAddresses`: on which ports, and whether it sends the client's address.
   *
   * @default InnerAccess.proxyProtocol()
   */
  readonly innerAccess?: InnerAccess;

  /**
   * The DNS names that are published, such as `mail.mydomain.com`. Requests for other names are answered 404; in TCP mode their
   * connections are closed. The certificate inside must carry the first name. May be tokens.
   *
   * @default - the client names of `inner`
   */
  readonly clientNames?: string[];

  /** How HTTPS is handled: decrypted with the certificate, or passed on unread by name. */
  readonly mode: BorderMode;

  /** What is published: each publication once, at least one for HTTPS. Everything else stays inside. */
  readonly publish: Publication[];

  /** The VM; of two, the one that holds the address while both are healthy. */
  readonly master: BalancerHost;

  /**
   * The second VM, which takes over if the first one fails. Requires `vip`.
   *
   * @default - one VM, which serves on its own address
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
