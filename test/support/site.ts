import { TerraformStack, TerraformVariable, Testing } from "cdktf";
import {
  BalancingMode,
  ExchangeBalancer,
  ExchangeBalancerProps,
  ExchangeDag,
  ExchangeDagProps,
  Failover,
  OsProfile,
  SshAccess,
  SslBridgeCert,
} from "cdktf-exchange-balancer";
import type { BorderCase } from "./border";

/** The settings of a test case that differ from the article's site. */
export interface Case {
  readonly dag?: Partial<ExchangeDagProps>;
  readonly balancer?: Partial<ExchangeBalancerProps> | ((stack: TerraformStack) => Partial<ExchangeBalancerProps>);
  /** Which systems support the case; the default is all. */
  readonly on?: (os: OsProfile) => boolean;
  /** Props of border proxies in front of the balancer. If they are set, the case is about these border proxies. */
  readonly border?: BorderCase["border"];
}

export const ARTICLE_DAG: ExchangeDagProps = {
  clientNames: ["mail.mydomain.local", "autodiscover.mydomain.local"],
  members: [
    { name: "exch01", host: "exch01.mydomain.local", weight: 75 },
    { name: "exch02", host: "exch02.mydomain.local", weight: 25 },
  ],
};

export const ED25519_HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK49QMyRvP2tHlBO61SLEl3xyKF2nHvaw7H6tVTMM013";
export const ECDSA_HOST_KEY = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBBwc2bPbYrzNYH0ZIdC7uiVEfy6j2TBvAr/Jj9771TphSjeq+6y85G5G95hCMNvb6SbdtYceJNRQje4FJ41gh70=";
/** What `ssh-keyscan 10.12.8.11` prints for a host that has no RSA key. */
export const HOST_KEY = `# 10.12.8.11:22 SSH-2.0-OpenSSH_9.2p1\n10.12.8.11 ${ECDSA_HOST_KEY}\n# 10.12.8.11:22 SSH-2.0-OpenSSH_9.2p1\n10.12.8.11 ${ED25519_HOST_KEY}\n`;

/** An empty stack in a test app. */
export function newStack(): TerraformStack {
  return new TerraformStack(Testing.app(), "Stack");
}

/** The value of a new sensitive variable, as a token. */
export function secret(stack: TerraformStack, name: string): string {
  return new TerraformVariable(stack, name, { type: "string", sensitive: true }).stringValue;
}

/** The value of a new variable, as a token. */
export function variable(stack: TerraformStack, name: string): string {
  return new TerraformVariable(stack, name, { type: "string" }).stringValue;
}

/** The article's SSL bridging, with its certificate and root CA. */
export function articleBridge(stack: TerraformStack): BalancingMode {
  return BalancingMode.sslBridge({
    cert: SslBridgeCert.fromPemFile(stack, "Cert", { path: "exch.pem", rootCas: ["mydomain-root.ca"] }),
  });
}

/** A stack with the article's balancer and the changes of the case. */
export function balancerStack({ dag, balancer }: Case = {}, stack = newStack()): { stack: TerraformStack; balancer: ExchangeBalancer } {
  const own = typeof balancer === "function" ? balancer(stack) : (balancer ?? {});
  const mode = own.mode ?? articleBridge(stack);
  return {
    stack,
    balancer: new ExchangeBalancer(stack, "Mail", {
      dag: new ExchangeDag(stack, "Dag", { ...ARTICLE_DAG, ...dag }),
      mode,
      os: OsProfile.DEBIAN_12,
      ssh: SshAccess.agent(),
      // TCP mode cannot close a path.
      allow: { smtp: ["10.8.5.17/32"], ...(mode.name === "tcp" ? {} : { ecp: ["10.8.5.0/24"], owa: ["10.0.0.0/8"] }) },
      master: { host: "10.12.8.11", hostKey: HOST_KEY },
      backup: { host: "10.12.8.12", hostKey: HOST_KEY },
      virtualAddresses: ["10.12.8.15"],
      interface: "ens192",
      virtualRouterId: 233,
      failover: Failover.article({ authPass: secret(stack, "vrrp_password") }),
      ...own,
    }),
  };
}

/** The synthesized cdk.tf.json, after all validations. */
export function synth(stack: TerraformStack): string {
  return Testing.synth(stack, true);
}
