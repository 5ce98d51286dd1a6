import { App, Fn, TerraformHclModule, TerraformOutput, TerraformResource, TerraformStack, TerraformVariable, Token } from "cdktf";
import {
  BalancingMode,
  ExchangeBalancer,
  ExchangeDag,
  Failover,
  MailProtocol,
  OsProfile,
  SshAccess,
  SslBridgeCert,
} from "cdktf-exchange-balancer";
import { Construct } from "constructs";

/**
 * The balancer in a larger stack: other resources give it addresses, names and secrets, and a Terraform module uses its
 * virtual address. `terraform_data` stands for the VMs of your own provider.
 */
export class LargerStack extends TerraformStack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    const domain = new TerraformVariable(this, "domain", { type: "string", default: "mydomain.local" }).stringValue;
    const officeNetworks = new TerraformVariable(this, "office_networks", {
      type: "list(string)",
      default: ["10.8.5.0/24", "10.8.6.0/24"],
    }).listValue;
    const secret = (name: string): string =>
      new TerraformVariable(this, name, { type: "string", sensitive: true }).stringValue;
    const vm = (name: string, address: string): TerraformResource => {
      const resource = new TerraformResource(this, name, { terraformResourceType: "terraform_data" });
      resource.addOverride("input", { address });
      return resource;
    };
    const address = (of: TerraformResource): string => Token.asString(Fn.lookupNested(of.interpolationForAttribute("output"), ["address"]));

    const lb01 = vm("Lb01Vm", "10.12.8.11");
    const lb02 = vm("Lb02Vm", "10.12.8.12");
    const exch01 = vm("Exch01Vm", "10.12.8.21");
    const exch02 = vm("Exch02Vm", "10.12.8.22");

    const balancer = new ExchangeBalancer(this, "Mail", {
      dag: new ExchangeDag(this, "Dag", {
        clientNames: [`mail.${domain}`, `autodiscover.${domain}`],
        members: [
          { name: "exch01", host: address(exch01), weight: 75 },
          { name: "exch02", host: address(exch02), weight: 25 },
        ],
        mailProtocols: [MailProtocol.smtp(), MailProtocol.submission(), MailProtocol.imaps()],
      }),
      mode: BalancingMode.sslBridge({
        cert: SslBridgeCert.fromPem(this, "Cert", {
          certificate: new TerraformVariable(this, "certificate", { type: "string" }).stringValue,
          privateKey: secret("private_key"),
          rootCas: { "company-root": new TerraformVariable(this, "root_ca", { type: "string" }).stringValue },
        }),
      }),
      allow: { smtp: officeNetworks, ecp: [address(exch01), "10.8.5.17/32"] },
      os: OsProfile.DEBIAN_13,
      ssh: SshAccess.privateKey({ user: "deploy", privateKey: secret("ssh_key"), bastion: { host: `bastion.${domain}` } }),
      master: { host: address(lb01), instanceId: lb01.getStringAttribute("id") },
      backup: { host: address(lb02), instanceId: lb02.getStringAttribute("id") },
      virtualAddresses: ["10.12.8.15"],
      interface: "ens192",
      virtualRouterId: 233,
      failover: Failover.article({ authPass: secret("vrrp_password") }),
    });

    // Another module of the stack, which must not begin before mail is served.
    const records = new TerraformHclModule(this, "MailRecords", {
      // As seen from cdktf.out/stacks/larger-stack, where Terraform runs.
      source: "../../../examples/larger-stack/modules/mail-records",
      skipAssetCreationFromLocalModules: true,
      variables: { name: `mail.${domain}`, addresses: balancer.vip.virtualAddresses },
      dependsOn: [balancer],
    });
    new TerraformOutput(this, "records", { value: records.getString("records") });
  }
}

if (require.main === module) {
  const app = new App();
  new LargerStack(app, "larger-stack");
  app.synth();
}
