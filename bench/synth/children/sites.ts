import { TerraformStack, TerraformVariable } from "cdktf";
import { BalancingMode, ExchangeBalancer, ExchangeDag, Failover, OsProfile, SshAccess, SslBridgeCert } from "cdktf-exchange-balancer";
import { Construct } from "constructs";

/**
 * One stack with many sites. Each site has its own DAG, certificate, allow lists, VRRP password and pair, so that sites
 * share as few texts as possible.
 */
export class SitesStack extends TerraformStack {
  public constructor(scope: Construct, id: string, pairs: number) {
    super(scope, id);
    for (let index = 1; index <= pairs; index++) site(this, nameOf(index), index);
  }
}

/**
 * The name of a site, parsed from JSON as on the plain side. If a loop put the name together, V8 would store the name
 * with two bytes per character. V8 would then store each text that contains the name in the same way, even the whole
 * cdk.tf.json.
 */
function nameOf(index: number): string {
  return JSON.parse(`"site${String(index).padStart(4, "0")}"`) as string;
}

function site(stack: TerraformStack, name: string, index: number): void {
  const scope = new Construct(stack, name);
  const vrrpPassword = new TerraformVariable(stack, `${name}_vrrp_password`, { type: "string", sensitive: true });
  // 10.B.C.0/24 is the site's own network.
  const network = `10.${10 + (index >> 8)}.${index & 255}`;
  new ExchangeBalancer(scope, "Mail", {
    dag: new ExchangeDag(scope, "Dag", {
      clientNames: [`mail.${name}.mydomain.local`, `autodiscover.${name}.mydomain.local`],
      members: [
        { name: "exch01", host: `exch01.${name}.mydomain.local`, weight: 75 },
        { name: "exch02", host: `exch02.${name}.mydomain.local`, weight: 25 },
      ],
    }),
    mode: BalancingMode.sslBridge({
      cert: SslBridgeCert.fromPemFile(scope, "Cert", { path: `${name}.pem`, rootCas: ["mydomain-root.ca"] }),
    }),
    allow: { smtp: [`${network}.17/32`], ecp: [`${network}.0/24`], owa: ["10.0.0.0/8"] },
    os: OsProfile.ALMALINUX_8,
    ssh: SshAccess.agent(),
    master: { host: `${network}.11` },
    backup: { host: `${network}.12` },
    virtualAddresses: [`${network}.15`],
    interface: "ens192",
    virtualRouterId: 233,
    failover: Failover.article({ authPass: vrrpPassword.stringValue }),
  });
}
