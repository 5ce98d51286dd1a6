import { TerraformStack } from "cdktf";
import {
  BorderAccess,
  BorderMode,
  BorderProxy,
  BorderProxyProps,
  ExchangeBalancer,
  OsProfile,
  Publication,
  SshAccess,
  SslBridgeCert,
} from "cdktf-exchange-balancer";
import { Case, HOST_KEY, balancerStack, newStack } from "./site";

/** The settings of a border proxy's test case that differ from the defaults in `borderStack`. */
export interface BorderCase {
  /** The inner balancer: the pair behind the border proxies. */
  readonly inside?: Case;
  readonly border?: Partial<BorderProxyProps> | ((stack: TerraformStack, inner: ExchangeBalancer) => Partial<BorderProxyProps>);
}

export const BORDER_HOSTS = ["192.0.2.11", "192.0.2.12"] as const;

/** Networks of Microsoft 365, as a site would list them for hybrid. */
export const HYBRID = ["40.92.0.0/15", "52.100.0.0/14", "2a01:111:f400::/48"];

/** Two border proxies and their virtual address in the DMZ. */
export const BORDER_PAIR: Pick<BorderProxyProps, "master" | "backup" | "vip"> = {
  master: { host: BORDER_HOSTS[0], hostKey: HOST_KEY },
  backup: { host: BORDER_HOSTS[1], hostKey: HOST_KEY },
  vip: { virtualAddresses: ["192.0.2.15"], interface: "ens192", virtualRouterId: 234 },
};

/**
 * What the border proxies of the tests publish by default: Outlook, phones and webmail for everyone; hybrid and SMTP
 * only for the networks in `HYBRID`.
 */
export const PUBLISHED = (): Publication[] => [
  Publication.outlook(), Publication.mobile(), Publication.webmail(), Publication.hybrid({ networks: HYBRID }), Publication.smtp({ allow: HYBRID }),
];

/** A stack with the article's pair and, by default, two border proxies in front of this pair. */
export function borderStack({ inside = {}, border }: BorderCase = {}, stack = newStack()): { stack: TerraformStack; inner: ExchangeBalancer; border: BorderProxy } {
  const own = inside.balancer;
  const { balancer: inner } = balancerStack({
    ...inside,
    balancer: (within) => ({
      border: BorderAccess.from({ addresses: [...BORDER_HOSTS] }),
      allow: { ecp: ["10.8.5.0/24"] },
      ...(typeof own === "function" ? own(within) : own),
    }),
  }, stack);
  const props = typeof border === "function" ? border(stack, inner) : (border ?? {});
  return {
    stack,
    inner,
    border: new BorderProxy(stack, "Border", {
      ...("innerAddresses" in props ? {} : { inner: inner.vip }),
      mode: props.mode ?? BorderMode.sslBridge({ cert: SslBridgeCert.fromPemFile(stack, "BorderCert", { path: "exch.pem", rootCas: ["mydomain-root.ca"] }) }),
      publish: PUBLISHED(),
      os: OsProfile.DEBIAN_12,
      ssh: SshAccess.agent(),
      ...BORDER_PAIR,
      ...props,
    }),
  };
}
