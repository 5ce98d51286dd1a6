import { TerraformStack } from "cdktf";
import { BalancingMode, ExchangeBalancer, ExchangeDag, OsProfile, SshAccess } from "cdktf-exchange-balancer";
import { Construct } from "constructs";

/** Two VMs with HAProxy and keepalived, and the one address that they hold for the Exchange DAG behind them. */
export class MailStack extends TerraformStack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    new ExchangeBalancer(this, "Mail", {
      dag: new ExchangeDag(this, "Dag", {
        clientNames: ["mail.mydomain.local", "autodiscover.mydomain.local"],
        members: [
          { name: "exch01", host: "10.12.8.21" },
          { name: "exch02", host: "10.12.8.22" },
        ],
      }),
      // HTTPS goes through unread. To filter paths and to balance each request, HAProxy must have Exchange's certificate:
      //   npx cdktf-exchange-balancer cert from-pfx exchange.pfx --out exch.pem
      //   mode: BalancingMode.sslBridge({ certificate: SslBridgeCert.fromPemFile(this, "Cert", { path: "exch.pem" }) }),
      // node_modules/cdktf-exchange-balancer/docs/certificates.md has the details.
      mode: BalancingMode.tcp(),
      // Who may send mail through the balancers. A service without a list is open to everyone who reaches the address.
      allow: { smtp: ["10.8.5.0/24"] },
      os: OsProfile.DEBIAN_12,
      // A key of the ssh agent; the user is root, or has sudo without a password. With a key file:
      //   ssh: SshAccess.privateKeyFile({ user: "root", path: "../keys/id_ed25519" }),
      ssh: SshAccess.agent({ user: "root" }),
      // Compare what ssh-keyscan prints with the VM's console: ssh-keygen -lf /etc/ssh/ssh_host_ecdsa_key.pub
      master: { host: "10.12.8.11", hostKey: `PUT HERE all lines that ssh-keyscan 10.12.8.11 prints` },
      backup: { host: "10.12.8.12", hostKey: `PUT HERE all lines that ssh-keyscan 10.12.8.12 prints` },
      virtualAddresses: ["10.12.8.15"],
      interface: "ens192",
      // A number from 1 to 255 that no other VRRP group of the network has.
      virtualRouterId: 233,
    });
  }
}
