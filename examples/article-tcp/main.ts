import { App, TerraformStack, TerraformVariable } from "cdktf";
import { BalancingMode, ExchangeBalancer, ExchangeDag, Failover, OsProfile, SshAccess } from "cdktf-exchange-balancer";
import { Construct } from "constructs";

/** The article's TCP mode: HAProxy passes all connections through without reading them. */
export class ArticleTcpStack extends TerraformStack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    const vrrpPassword = new TerraformVariable(this, "vrrp_password", { type: "string", sensitive: true });
    new ExchangeBalancer(this, "Mail", {
      dag: new ExchangeDag(this, "Dag", {
        clientNames: ["mail.mydomain.local", "autodiscover.mydomain.local"],
        members: [
          { name: "exch01", host: "exch01.mydomain.local", weight: 75 },
          { name: "exch02", host: "exch02.mydomain.local", weight: 25 },
        ],
      }),
      mode: BalancingMode.tcp(),
      allow: { smtp: ["10.8.5.17/32"] },
      os: OsProfile.ALMALINUX_8,
      ssh: SshAccess.agent(),
      master: { host: "10.12.8.11" },
      backup: { host: "10.12.8.12" },
      virtualAddresses: ["10.12.8.15"],
      interface: "ens192",
      virtualRouterId: 233,
      failover: Failover.article({ authPass: vrrpPassword.stringValue }),
    });
  }
}

if (require.main === module) {
  const app = new App();
  new ArticleTcpStack(app, "article-tcp");
  app.synth();
}
