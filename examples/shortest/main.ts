import { App, TerraformStack } from "cdktf";
import { BalancingMode, ExchangeBalancer, ExchangeDag, OsProfile, SshAccess } from "cdktf-exchange-balancer";
import { Construct } from "constructs";

/** Two VMs with one virtual address pass HTTPS, SMTP and IMAP through to two Exchange servers. */
export class ShortestStack extends TerraformStack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    new ExchangeBalancer(this, "Mail", {
      dag: new ExchangeDag(this, "Dag", {
        clientNames: ["mail.mydomain.local"],
        members: [
          { name: "exch01", host: "10.12.8.21" },
          { name: "exch02", host: "10.12.8.22" },
        ],
      }),
      mode: BalancingMode.tcp(),
      allow: { smtp: ["10.8.5.0/24"] },
      os: OsProfile.DEBIAN_12,
      ssh: SshAccess.agent(),
      master: { host: "10.12.8.11" },
      backup: { host: "10.12.8.12" },
      virtualAddresses: ["10.12.8.15"],
      interface: "ens192",
      virtualRouterId: 233,
    });
  }
}

if (require.main === module) {
  const app = new App();
  new ShortestStack(app, "shortest");
  app.synth();
}
