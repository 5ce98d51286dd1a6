import { TerraformOutput, TerraformStack, TerraformVariable } from "cdktf";
import {
  BalancingMode,
  BorderAccess,
  BorderMode,
  BorderProxy,
  ExchangeBalancer,
  ExchangeDag,
  Failover,
  Publication,
  SshAccess,
  SslBridgeCert,
} from "cdktf-exchange-balancer";
import { Construct } from "constructs";
import { Settings } from "./settings";

/** The article's balancers, and its border proxy if `border` is true, from the settings of a site. */
export class BalancerStack extends TerraformStack {
  public constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    const vrrpPassword = new TerraformVariable(this, "vrrp_password", {
      type: "string",
      sensitive: true,
      description: "The VRRP password of the pair, 1 to 8 characters",
    });
    const { clientNames, members, mode, pemFile, rootCas, sshUser, border, borderHost, ...site } = settings;
    const ssh = SshAccess.agent({ user: sshUser });
    const cert = mode === "tcp" ? undefined : this.certificate({ pemFile, rootCas });
    const balancer = new ExchangeBalancer(this, "Mail", {
      ...site,
      dag: new ExchangeDag(this, "Dag", { clientNames, members }),
      mode: cert === undefined ? BalancingMode.tcp() : BalancingMode.sslBridge({ cert }),
      ssh,
      failover: Failover.article({ authPass: vrrpPassword.stringValue }),
      border: border ? BorderAccess.from({ addresses: [borderHost.host] }) : undefined,
    });
    if (border) {
      new BorderProxy(this, "Border", {
        inner: balancer.vip,
        // Outlook on the web and the admin center stay inside, as the article's lists have it.
        publish: cert === undefined ? [Publication.allDirectories()] : [Publication.outlook(), Publication.mobile()],
        mode: cert === undefined ? BorderMode.tcp() : BorderMode.sslBridge({ cert }),
        os: site.os,
        ssh,
        master: borderHost,
      });
    }
    new TerraformOutput(this, "mail_addresses", { value: balancer.vip.virtualAddresses });
  }

  private certificate({ pemFile, rootCas }: Pick<Settings, "pemFile" | "rootCas">): SslBridgeCert {
    const cert = SslBridgeCert.fromPemFile(this, "Cert", { path: pemFile, rootCas });
    if (cert.expires !== undefined) new TerraformOutput(this, "certificate_expires", { value: cert.expires });
    return cert;
  }
}
