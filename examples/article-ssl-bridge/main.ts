import { App, TerraformStack, TerraformVariable } from "cdktf";
import {
  BalancingMode,
  ExchangeDag,
  Failover,
  HaproxyNode,
  KeepalivedPair,
  OsProfile,
  SshAccess,
  SslBridgeCert,
} from "cdktf-exchange-balancer";
import { Construct } from "constructs";

/** The article's HTTP mode: SSL bridging with one certificate. Each node is a separate construct. */
export class ArticleSslBridgeStack extends TerraformStack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    const vrrpPassword = new TerraformVariable(this, "vrrp_password", { type: "string", sensitive: true });
    const common = {
      dag: new ExchangeDag(this, "Dag", {
        clientNames: ["mail.mydomain.local", "autodiscover.mydomain.local"],
        members: [
          { name: "exch01", host: "exch01.mydomain.local", weight: 75 },
          { name: "exch02", host: "exch02.mydomain.local", weight: 25 },
        ],
      }),
      mode: BalancingMode.sslBridge({
        cert: SslBridgeCert.fromPemFile(this, "Cert", { path: "exch.pem", rootCas: ["mydomain-root.ca"] }),
      }),
      allow: { smtp: ["10.8.5.17/32"], ecp: ["10.8.5.0/24"], owa: ["10.0.0.0/8"] },
      os: OsProfile.ALMALINUX_8,
      ssh: SshAccess.agent(),
    };
    const lb01 = new HaproxyNode(this, "Lb01", { ...common, host: "10.12.8.11" });
    const lb02 = new HaproxyNode(this, "Lb02", { ...common, host: "10.12.8.12" });
    new KeepalivedPair(this, "Vip", {
      master: lb01,
      backup: lb02,
      virtualAddresses: ["10.12.8.15"],
      interface: "ens192",
      virtualRouterId: 233,
      failover: Failover.article({ authPass: vrrpPassword.stringValue }),
    });
  }
}

if (require.main === module) {
  const app = new App();
  new ArticleSslBridgeStack(app, "article-ssl-bridge");
  app.synth();
}
