import { App, Fn, S3Backend, TerraformResource, TerraformStack, TerraformVariable, Token } from "cdktf";
import { BalancingMode, ExchangeBalancer, ExchangeDag, OsProfile, SshAccess, SslBridgeCert } from "cdktf-exchange-balancer";
import { Construct } from "constructs";

/** The VMs of both sites, in a separate stack. `terraform_data` stands for the VMs of your own provider. */
export class VmStack extends TerraformStack {
  private readonly vms: TerraformResource;

  public constructor(scope: Construct, id: string) {
    super(scope, id);
    backend(this);
    this.vms = new TerraformResource(this, "Vms", { terraformResourceType: "terraform_data" });
    this.vms.addOverride("input", {
      north: ["10.12.8.11", "10.12.8.12", "10.12.8.13", "10.12.8.14"],
      south: ["10.13.8.11", "10.13.8.12", "10.13.8.13", "10.13.8.14"],
    });
  }

  /** The addresses of a site's VMs, as a list that Terraform fills in. */
  public addresses(site: string): string[] {
    return Token.asList(Fn.lookupNested(this.vms.interpolationForAttribute("output"), [site]));
  }
}

export interface SiteProps {
  /** The addresses of the site's VMs, from the stack of the VMs. */
  readonly vms: string[];
  /** The number of members in each DAG of the site. Terraform can fill in their hosts, but not their number. */
  readonly members: number;
  /** The first three numbers of the site's addresses, such as 10.12.8. */
  readonly network: string;
  readonly interface: string;
}

/** One site: two DAGs, each behind its own pair, with one certificate for both pairs. Each site is one such stack. */
export class SiteStack extends TerraformStack {
  public constructor(scope: Construct, id: string, { vms, members, network, interface: nic }: SiteProps) {
    super(scope, id);
    backend(this);
    const text = (name: string, sensitive = false): string => new TerraformVariable(this, name, { type: "string", sensitive }).stringValue;
    // A remote run has this stack's folder and no other file: certificate and keys are variables of the workspace.
    const cert = SslBridgeCert.fromPem(this, "Cert", { certificate: text("certificate"), privateKey: text("private_key", true), rootCas: { company: text("root_ca") } });
    const ssh = SshAccess.privateKey({ user: "deploy", privateKey: text("ssh_key", true) });
    const servers = new TerraformVariable(this, "servers", { type: "list(string)", description: "the Exchange servers, the first DAG's first" }).listValue;
    const vm = (index: number): string => Fn.element(vms, index) as string;

    ["Mail", "Archive"].forEach((name, pair) => {
      new ExchangeBalancer(this, name, {
        dag: new ExchangeDag(this, `${name}Dag`, {
          clientNames: [`${name.toLowerCase()}.${id}.mydomain.local`],
          members: Array.from({ length: members }, (_, index) => ({ name: `exch${pair}${index}`, host: Fn.element(servers, pair * members + index) as string })),
        }),
        mode: BalancingMode.sslBridge({ cert }),
        // A list that Terraform fills in, beside entries of our own.
        allow: { smtp: Token.asList(Fn.concat([vms, [`${network}.0/24`]])), ecp: [`${network}.0/24`] },
        os: OsProfile.DEBIAN_13,
        ssh,
        master: { host: vm(2 * pair) },
        backup: { host: vm(2 * pair + 1) },
        virtualAddresses: [`${network}.${15 + pair}`],
        interface: nic,
        // Its own for each VRRP group that hears another.
        virtualRouterId: 100 + pair,
      });
    });
  }
}

/** Stores the state of `stack` in a bucket, so that other machines and stacks can read it. */
function backend(stack: TerraformStack): void {
  new S3Backend(stack, { bucket: "mydomain-terraform", key: `${stack.node.id}.tfstate`, region: "eu-central-1" });
}

/** The stacks of both sites, which are deployed after the stack of their VMs. */
export function sites(app: App): readonly TerraformStack[] {
  const vms = new VmStack(app, "vms");
  const north = new SiteStack(app, "north", { vms: vms.addresses("north"), members: 3, network: "10.12.8", interface: "ens192" });
  const south = new SiteStack(app, "south", { vms: vms.addresses("south"), members: 2, network: "10.13.8", interface: "ens224" });
  return [vms, north, south];
}

if (require.main === module) {
  const app = new App();
  sites(app);
  app.synth();
}
