import { App, TerraformStack, TerraformVariable } from "cdktf";
import {
  BalancingMode,
  BorderAccess,
  BorderMode,
  BorderProxy,
  ExchangeBalancer,
  ExchangeDag,
  OsProfile,
  Publication,
  SshAccess,
  SslBridgeCert,
  VirtualDirectory,
} from "cdktf-exchange-balancer";
import { Construct } from "constructs";

/** Two balancers in the inner network, and a border proxy in the DMZ that publishes Exchange to the internet. */
export class BorderStack extends TerraformStack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    // Microsoft's ranges change, so the list is handed over: -var 'microsoft_365=["40.92.0.0/15", ...]'.
    const microsoft365 = new TerraformVariable(this, "microsoft_365", { type: "list(string)", default: ["40.92.0.0/15", "52.100.0.0/14"] }).listValue;
    const borderHost = "192.0.2.11";
    const cert = SslBridgeCert.fromPemFile(this, "Cert", { path: "exch.pem", rootCas: ["mydomain-root.ca"] });
    const os = OsProfile.DEBIAN_12;
    const ssh = SshAccess.agent();
    const balancer = new ExchangeBalancer(this, "Mail", {
      dag: new ExchangeDag(this, "Dag", {
        clientNames: ["mail.mydomain.com", "autodiscover.mydomain.com"],
        members: [
          { name: "exch01", host: "10.12.8.21" },
          { name: "exch02", host: "10.12.8.22" },
        ],
        virtualDirectories: [
          VirtualDirectory.autodiscover(),
          VirtualDirectory.mapi(),
          VirtualDirectory.rpc(),
          VirtualDirectory.owa(),
          VirtualDirectory.activeSync(),
          VirtualDirectory.ecp(),
          VirtualDirectory.ews(),
          VirtualDirectory.oab(),
          // For hybrid.
          VirtualDirectory.of("/api", { healthPath: "/owa/healthcheck.htm" }),
        ],
      }),
      mode: BalancingMode.sslBridge({ cert }),
      // These hold for clients outside, too: Microsoft 365 delivers mail.
      allow: { smtp: microsoft365, ecp: ["10.8.5.0/24"] },
      os,
      ssh,
      master: { host: "10.12.8.11" },
      backup: { host: "10.12.8.12" },
      virtualAddresses: ["10.12.8.15"],
      interface: "ens192",
      virtualRouterId: 233,
      border: BorderAccess.from({ addresses: [borderHost] }),
    });
    new BorderProxy(this, "Border", {
      inner: balancer.vip,
      mode: BorderMode.sslBridge({ cert }),
      publish: [
        Publication.outlook(),
        Publication.mobile(),
        Publication.webmail(),
        Publication.hybrid({ networks: microsoft365 }),
        Publication.smtp({ allow: microsoft365 }),
      ],
      os,
      ssh,
      master: { host: borderHost },
    });
  }
}

if (require.main === module) {
  const app = new App();
  new BorderStack(app, "border");
  app.synth();
}
