import { TerraformOutput, TerraformStack, TerraformVariable } from "cdktf";
import { BalancingMode, ExchangeBalancer, ExchangeDag, Failover, SshAccess, SslBridgeCert } from "cdktf-exchange-balancer";
import { Construct } from "constructs";
import { Settings } from "./settings";

/** The article's balancer, from a site's settings. */
export class BalancerStack extends TerraformStack {
  public constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    const vrrpPassword = new TerraformVariable(this, "vrrp_password", {
      type: "string",
      sensitive: true,
      description: "The VRRP password of the pair, 1 to 8 characters",
    });
    const { clientNames, members, mode, pemFile, rootCas, sshUser, ...site } = settings;
    const balancer = new ExchangeBalancer(this, "Mail", {
      ...site,
      dag: new ExchangeDag(this, "Dag", { clientNames, members }),
      mode: this.mode({ mode, pemFile, rootCas }),
      ssh: SshAccess.agent({ user: sshUser }),
      failover: Failover.article({ authPass: vrrpPassword.stringValue }),
    });
    new TerraformOutput(this, "mail_addresses", { value: balancer.vip.virtualAddresses });
  }

  private mode({ mode, pemFile, rootCas }: Pick<Settings, "mode" | "pemFile" | "rootCas">): BalancingMode {
    if (mode === "tcp") return BalancingMode.tcp();
    const cert = SslBridgeCert.fromPemFile(this, "Cert", { path: pemFile, rootCas });
    if (cert.expires !== undefined) new TerraformOutput(this, "certificate_expires", { value: cert.expires });
    return BalancingMode.sslBridge({ cert });
  }
}
