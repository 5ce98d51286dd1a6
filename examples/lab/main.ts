import { readFileSync } from "node:fs";
import { App, TerraformOutput, TerraformStack, TerraformVariable } from "cdktf";
import {
  AttackPattern,
  BalancingMode,
  BorderAccess,
  BorderMode,
  BorderProxy,
  CertificateMismatch,
  ClientLimits,
  CloudInitOptions,
  Duration,
  ExchangeBalancer,
  ExchangeDag,
  Failover,
  HaproxyLogs,
  HaproxyNode,
  HaproxyNodeCommonProps,
  HostFirewallMode,
  InnerAccess,
  KeepalivedPair,
  KnownAttacks,
  MailProtocol,
  MemberState,
  Monitoring,
  OsProfile,
  PasswordGuessing,
  PathStrictness,
  Publication,
  RemovalPolicy,
  SshAccess,
  SslBridgeCert,
  TlsPolicy,
  TransparentProxy,
  VirtualDirectory,
} from "cdktf-exchange-balancer";
import { Construct } from "constructs";

/** What the lab writes about itself into the file that the variable EXLAB names. */
export interface LabFacts {
  readonly interface: string;
  readonly virtualAddress: string;
  readonly clientNames: string[];
  readonly suite: string;
  readonly hosts: { readonly name: string; readonly address: string; readonly managementAddress: string; readonly hostKey: string }[];
  readonly ssh: { readonly privateKeyPath: string };
  readonly pemPath: string;
  readonly caPath: string;
}

/** Border proxies on further hosts of the lab. */
export interface LabBorder {
  /** One or two hosts. */
  readonly hosts: { readonly address: string; readonly hostKey: string }[];
  readonly virtualAddress?: string;
  readonly mode?: "tcp" | "sslBridge";
  readonly http2?: boolean;
  /** The networks that stand for Microsoft 365's. */
  readonly networks: string[];
  readonly smtp: string[];
  readonly maxconn?: number;
  readonly pemPath?: string;
  readonly monitored?: boolean;
  readonly webmailRoot?: boolean;
  readonly removalPolicy?: "retain" | "release" | "destroy";
  /** If true, the border proxy gets the pair itself as `inner`. Otherwise it gets the pair's address. */
  readonly byPair?: boolean;
}

/** The settings that a test changes from one deploy to the next, as JSON in the variable EXLAB_SITE. */
export interface LabSite {
  readonly mode?: "tcp" | "sslBridge" | "sslOffload";
  readonly user?: string;
  readonly agent?: boolean;
  readonly weights?: number[];
  readonly maxconn?: number;
  readonly smtp?: string[];
  readonly ecp?: string[];
  readonly owa?: string[];
  /** Host keys to use for the backup instead of its real host keys. */
  readonly backupHostKey?: string;
  /** The path of a login key to use instead of the lab's login key. */
  readonly keyPath?: string;
  /** The ssh certificate of the login key. */
  readonly certificate?: string;
  /** The ssh agent's key that Terraform tries first. */
  readonly agentIdentity?: string;
  /** The path of the bastion's own key. */
  readonly bastionKeyPath?: string;
  readonly firewall?: "firewalld" | "unmanaged";
  /** If true, Terraform connects over the management network, and VRRP uses the mail network. */
  readonly managed?: boolean;
  /** The host to use for the backup instead of the backup's real address. */
  readonly backupHost?: string;
  /** The name of the lab's host that is used as bastion. */
  readonly bastion?: string;
  readonly allProtocols?: boolean;
  readonly os?: string;
  /** The path of a certificate to use instead of the lab's certificate. */
  readonly pemPath?: string;
  /** The path of a CA file to use instead of the lab's CA file. */
  readonly caPath?: string;
  /** Names of the lab's members to leave out of the DAG. */
  readonly without?: string[];
  /** The address of exch03, a third member. */
  readonly thirdMember?: string;
  /** exch03's weight. */
  readonly thirdWeight?: number;
  /** A client address. The stack adds HAProxy lines that refuse HTTPS and SMTP connections from this address. */
  readonly shutOut?: string;
  /** The state of members, by name. */
  readonly states?: { readonly [member: string]: "ready" | "drain" | "maintenance" };
  /** In seconds. */
  readonly serverTimeout?: number;
  /** In seconds. */
  readonly membersUpTimeout?: number;
  /** In seconds. */
  readonly hardStopAfter?: number;
  readonly backupPriority?: number;
  readonly routerId?: number;
  /** The node that gets the prop `away: true`. */
  readonly away?: "master" | "backup";
  /** A second virtual address. */
  readonly secondVirtualAddress?: string;
  readonly removalPolicy?: "retain" | "release" | "destroy";
  /**
   * The id of the construct. The default is "Mail". With another id, Terraform has other resources for the same hosts.
   */
  readonly balancerId?: string;
  readonly redeliver?: string;
  readonly overrule?: string;
  /** Names of hosts. If set, the stack has a HaproxyNode for each of these hosts, and no ExchangeBalancer. */
  readonly nodes?: string[];
  /** If true, the two hosts in `nodes` form a pair that has the virtual address. */
  readonly paired?: boolean;
  /** The instanceId of the backup's VM. */
  readonly backupInstance?: string;
  /** The failover profile and its options. The default is the article's failover. */
  readonly failover?: {
    readonly profile: "fast" | "lan";
    readonly preempt?: boolean;
    readonly preemptDelaySeconds?: number;
    readonly yieldWithoutMembers?: boolean;
    readonly multicast?: boolean;
  };
  /** The address of a second VRRP group. While both nodes work, the backup holds this address. */
  readonly secondAddress?: string;
  readonly ipv6Addresses?: string[];
  readonly notifyCommand?: string;
  /** The paths of several CA files to use instead of the lab's CA file. */
  readonly caPaths?: string[];
  readonly onCertificateMismatch?: CertificateMismatch;
  /** Further certificates, which are chosen by SNI. */
  readonly sniCerts?: { readonly pemPath: string; readonly caPath: string; readonly names: string[] }[];
  /**
   * If true, the certificate and the private key are the values of the Terraform variables `certificate` and
   * `private_key`, so synthesis cannot read them.
   */
  readonly pemVariables?: boolean;
  /** If true, the balancer serves PowerShell in addition to the article's eight directories. */
  readonly moreDirectories?: boolean;
  /** Further directories, in addition to the article's eight. */
  readonly otherDirectories?: { readonly path: string; readonly healthPath?: string }[];
  readonly http2?: boolean;
  readonly lenientPaths?: boolean;
  readonly tlsPolicy?: "system" | "modern" | "intermediate" | "old";
  readonly limits?: ClientLimits;
  /** In seconds. */
  readonly httpRequestTimeout?: number;
  /** In seconds. */
  readonly checkTimeout?: number;
  /** In seconds. */
  readonly clientTimeout?: number;
  /** Seconds between two health checks of a member, or "default" for the library's default. @default 1 */
  readonly checkInterval?: number | "default";
  readonly responseHeaders?: { readonly [name: string]: string };
  readonly replaceResponseHeaders?: { readonly [name: string]: string };
  /** The server timeout of /mapi, in seconds. */
  readonly mapiTimeout?: number;
  /**
   * The domain of the members' DNS names. `nameServer` resolves these names. If undefined, the stack uses the members'
   * addresses.
   */
  readonly memberDomain?: string;
  readonly nameServer?: string;
  /** A virtual address to use instead of the lab's virtual address. */
  readonly virtualAddress?: string;
  readonly interface?: string;
  readonly firewallZone?: string;
  readonly takeOver?: boolean;
  /** If false, Terraform delivers nothing over ssh. @default true */
  readonly sshDelivery?: boolean;
  /**
   * If set, the stack outputs the user data of both nodes: user_data_lb01 as text, and user_data_lb02 packed (gzip and
   * base64).
   */
  readonly cloudInit?: CloudInitOptions;
  /**
   * Metrics for the machine that runs the lab. If `password` is true, clients need the password in the variable
   * metrics_password.
   */
  readonly monitoring?: { readonly tls?: boolean; readonly password?: boolean; readonly statusPageWritable?: boolean };
  /** If set, HAProxy uses the catalogue of known attacks and these patterns. `texts` are texts to look for in URLs. */
  readonly attacks?: { readonly name: string; readonly texts: string[] }[];
  /** If set, HAProxy bans clients that guess passwords. */
  readonly guessing?: { readonly banMinutes?: number; readonly exceptions?: string[] };
  /**
   * If set, the pair has the prop transparentProxy. With `clients`, Exchange sees the clients' addresses. `ipv6` lists the
   * IPv6 addresses of the two members, then those of the two nodes.
   */
  readonly transparent?: { readonly clients?: boolean; readonly ipv6?: string[] };
  readonly border?: LabBorder;
  /** The target of HAProxy's log lines. */
  readonly logs?: { readonly to: "journal" | "none" } | { readonly to: "remote"; readonly address: string; readonly port: number; readonly tcp?: boolean };
  /** The addresses of the border proxies that may forward clients' connections to the pair. */
  readonly borderAccess?: string[];
  /** If true, addresses, names, keys and lists are Terraform variables, as if they came from other resources. */
  readonly tokens?: boolean;
}

const systems: { readonly [name: string]: OsProfile } = {
  bullseye: OsProfile.DEBIAN_11,
  bookworm: OsProfile.DEBIAN_12,
  trixie: OsProfile.DEBIAN_13,
  el8: OsProfile.ALMALINUX_8,
  el9: OsProfile.ALMALINUX_9,
  el10: OsProfile.ALMALINUX_10,
};

/** The article's balancer on the lab's hosts. */
export class LabStack extends TerraformStack {
  public constructor(scope: Construct, id: string, facts: LabFacts, site: LabSite) {
    super(scope, id);
    const vrrpPassword = new TerraformVariable(this, "vrrp_password", { type: "string", sensitive: true });
    const text = (id: string, value: string): string =>
      site.tokens === true ? new TerraformVariable(this, id, { type: "string", default: value }).stringValue : value;
    const list = (id: string, value: string[]): string[] =>
      site.tokens === true ? new TerraformVariable(this, id, { type: "list(string)", default: value }).listValue : value;
    const hosts = facts.hosts.map(({ name, address, managementAddress, hostKey }) => ({
      name,
      managementAddress,
      address: text(`${name}_address`, address),
      hostKey: text(`${name}_key`, hostKey),
    }));
    const host = (name: string): LabFacts["hosts"][number] => {
      const found = hosts.find((known) => known.name === name);
      if (found === undefined) throw new Error(`The lab has no host ${name}`);
      return found;
    };
    const reached = (name: string): string => (site.managed === true ? host(name).managementAddress : host(name).address);
    const weights = site.weights ?? [75, 25];
    const state = (member: string): MemberState | undefined => site.states?.[member] as MemberState | undefined;
    const seconds = (amount: number | undefined): Duration | undefined => (amount === undefined ? undefined : Duration.seconds(amount));
    const { user = "root", bastion, agent = false } = site;
    const access = {
      user,
      connectTimeout: Duration.seconds(10),
      ...(bastion === undefined ? {} : { bastion: { host: host(bastion).address, hostKey: host(bastion).hostKey, privateKeyPath: site.bastionKeyPath } }),
    };
    const member = (name: string): string => (site.memberDomain === undefined ? host(name).address : `${name}.${site.memberDomain}`);
    const common: HaproxyNodeCommonProps = {
      dag: new ExchangeDag(this, "Dag", {
        clientNames: facts.clientNames.map((name, index) => text(`client_name_${index}`, name)),
        members: [
          { name: text("exch01_name", "exch01"), host: member("exch01"), weight: weights[0], state: state("exch01") },
          { name: "exch02", host: member("exch02"), weight: weights[1], state: state("exch02") },
          ...(site.thirdMember === undefined ? [] : [{ name: "exch03", host: site.thirdMember, weight: site.thirdWeight, state: state("exch03") }]),
        ].filter((_, index) => !(site.without ?? []).includes(`exch0${index + 1}`)),
        healthCheckInterval: site.checkInterval === "default" ? undefined : Duration.seconds(site.checkInterval ?? 1),
        nameServers: site.nameServer === undefined ? undefined : [site.nameServer],
        ...(site.moreDirectories === true || site.otherDirectories !== undefined || site.mapiTimeout !== undefined
          ? {
              virtualDirectories: [
                VirtualDirectory.autodiscover(),
                VirtualDirectory.mapi({ serverTimeout: seconds(site.mapiTimeout) }),
                VirtualDirectory.rpc(),
                VirtualDirectory.owa(),
                VirtualDirectory.activeSync(),
                VirtualDirectory.ecp(),
                VirtualDirectory.ews(),
                VirtualDirectory.oab(),
                ...(site.moreDirectories === true ? [VirtualDirectory.powerShell()] : []),
                ...(site.otherDirectories ?? []).map(({ path, healthPath }) => VirtualDirectory.of(path, { healthPath })),
              ],
            }
          : {}),
        ...(site.allProtocols === true
          ? { mailProtocols: [
                MailProtocol.smtp(),
                MailProtocol.submission(),
                MailProtocol.imap(),
                MailProtocol.imaps(),
                MailProtocol.pop3(),
                MailProtocol.pop3s(),
              ] }
          : {}),
      }),
      mode: this.mode(facts, site),
      allow: {
        smtp: list("relays", site.smtp ?? ["198.18.0.31/32", "198.18.0.32"]),
        // In TCP mode no path can be closed, and a list that guards nothing is refused.
        ...(site.mode === "tcp" ? {} : { ecp: site.ecp ?? ["198.18.0.31"], owa: site.owa ?? ["198.18.0.0/24"] }),
      },
      maxconn: site.maxconn,
      haproxyLines: site.shutOut === undefined ? undefined : { frontends: Object.fromEntries(["fe_exch2019", "fe_exch2019_smtp"].map((frontend) => [frontend, [`tcp-request connection reject if { src ${site.shutOut} }`]])) },
      monitoring: this.monitoring(site),
      timeouts: {
        client: seconds(site.clientTimeout),
        server: seconds(site.serverTimeout),
        httpRequest: seconds(site.httpRequestTimeout),
        check: seconds(site.checkTimeout),
      },
      limits: site.limits,
      logs: this.logs(site),
      border: site.borderAccess === undefined ? undefined : BorderAccess.from({ addresses: site.borderAccess, mailPorts: { smtp: 8025, imap: 8143 } }),
      membersUpTimeout: seconds(site.membersUpTimeout),
      hardStopAfter: seconds(site.hardStopAfter),
      redeliver: site.redeliver,
      overrule: site.overrule,
      firewall: site.firewall as HostFirewallMode | undefined,
      firewallZone: site.firewallZone,
      takeOver: site.takeOver,
      sshDelivery: site.sshDelivery,
      removalPolicy: site.removalPolicy as RemovalPolicy | undefined,
      os: systems[site.os ?? facts.suite] ?? OsProfile.DEBIAN_12,
      ssh: agent
        ? SshAccess.agent({ ...access, agentIdentity: site.agentIdentity })
        : SshAccess.privateKeyFile({ ...access, path: site.keyPath ?? facts.ssh.privateKeyPath, certificate: site.certificate }),
    };
    if (site.nodes !== undefined) {
      const [master, backup] = site.nodes.map(
        (name) => new HaproxyNode(this, name, { ...common, host: reached(name), hostKey: host(name).hostKey }),
      );
      if (site.paired === true && master !== undefined && backup !== undefined) {
        new KeepalivedPair(this, "Vip", {
          master,
          backup,
          virtualAddresses: [facts.virtualAddress],
          interface: facts.interface,
          virtualRouterId: 233,
          failover: this.failover(site, vrrpPassword),
        });
      }
      return;
    }
    const balancer = new ExchangeBalancer(this, site.balancerId ?? "Mail", {
      ...common,
      backupPriority: site.backupPriority,
      master: { away: site.away === "master", host: reached("lb01"), hostKey: host("lb01").hostKey },
      backup: { away: site.away === "backup", instanceId: site.backupInstance, host: site.backupHost ?? reached("lb02"), hostKey: site.backupHostKey ?? host("lb02").hostKey },
      ...(site.managed === true ? { masterVrrpAddress: host("lb01").address, backupVrrpAddress: host("lb02").address } : {}),
      virtualAddresses: [
        text("virtual_address", site.virtualAddress ?? facts.virtualAddress),
        ...(site.secondVirtualAddress === undefined ? [] : [site.secondVirtualAddress]),
      ],
      interface: text("interface", site.interface ?? facts.interface),
      virtualRouterId: site.routerId ?? 233,
      ...(site.ipv6Addresses === undefined ? {} : { virtualIpv6Addresses: site.ipv6Addresses }),
      ...(site.secondAddress === undefined ? {} : { activeActive: { virtualAddresses: [site.secondAddress], virtualRouterId: 234 } }),
      notifyCommand: site.notifyCommand,
      transparentProxy: this.transparentProxy(site),
      failover: this.failover(site, vrrpPassword),
    });
    if (site.cloudInit !== undefined) {
      new TerraformOutput(this, "user_data_lb01", { value: balancer.master.cloudInit(site.cloudInit).text });
      new TerraformOutput(this, "user_data_lb02", { value: balancer.backup.cloudInit(site.cloudInit).base64Gzip });
    }
    if (site.border !== undefined) this.border(facts, site, site.border, balancer);
    new TerraformOutput(this, "mail_addresses", { value: balancer.vip.virtualAddresses });
    new TerraformOutput(this, "takeover_times_ms", { value: balancer.vip.takeoverTimes });
  }

  private border(facts: LabFacts, site: LabSite, border: LabBorder, inner: ExchangeBalancer): void {
    const [master, backup] = border.hosts.map(({ address, hostKey }) => ({ host: address, hostKey }));
    if (master === undefined) throw new Error("A border needs a host");
    const publish = [
      ...(border.mode === "tcp"
        ? [Publication.allDirectories()]
        : [Publication.outlook(), Publication.mobile(), Publication.webmail({ root: border.webmailRoot }), Publication.hybrid({ networks: border.networks })]),
      Publication.smtp({ allow: border.smtp }),
      Publication.mail(MailProtocol.imap()),
    ];
    const cert = (): SslBridgeCert => SslBridgeCert.fromPemFile(this, "BorderCert", { path: border.pemPath ?? facts.pemPath, rootCas: [facts.caPath] });
    new BorderProxy(this, "Border", {
      ...(border.byPair === true
        ? { inner: inner.vip }
        : { innerAddresses: [facts.virtualAddress], innerAccess: InnerAccess.proxyProtocol({ mailPorts: { smtp: 8025, imap: 8143 } }), clientNames: facts.clientNames }),
      mode: border.mode === "tcp" ? BorderMode.tcp() : BorderMode.sslBridge({ cert: cert(), http2: border.http2 }),
      publish,
      maxconn: border.maxconn,
      monitoring: border.monitored === true ? Monitoring.prometheus({ allow: ["198.18.2.1"] }) : undefined,
      removalPolicy: border.removalPolicy as RemovalPolicy | undefined,
      os: systems[site.os ?? facts.suite] ?? OsProfile.DEBIAN_12,
      ssh: SshAccess.privateKeyFile({ user: "root", connectTimeout: Duration.seconds(10), path: facts.ssh.privateKeyPath }),
      master,
      ...(backup === undefined || border.virtualAddress === undefined
        ? {}
        : { backup, vip: { virtualAddresses: [border.virtualAddress], interface: facts.interface, virtualRouterId: 235 } }),
    });
  }

  private transparentProxy({ transparent }: LabSite): TransparentProxy | undefined {
    if (transparent === undefined) return undefined;
    const [first = "", second = "", masterAddress = "", backupAddress = ""] = transparent.ipv6 ?? [];
    const options = transparent.ipv6 === undefined ? {} : { ipv6: { memberAddresses: [first, second], masterAddress, backupAddress } };
    return transparent.clients === true ? TransparentProxy.clients(options) : TransparentProxy.routing(options);
  }

  private failover({ failover }: LabSite, vrrpPassword: TerraformVariable): Failover {
    if (failover === undefined) return Failover.article({ authPass: vrrpPassword.stringValue });
    const { profile, preemptDelaySeconds, ...others } = failover;
    const options = {
      ...others,
      ...(preemptDelaySeconds === undefined ? {} : { preemptDelay: Duration.seconds(preemptDelaySeconds) }),
    };
    return profile === "lan" ? Failover.lan(options) : Failover.fast(options);
  }

  private monitoring({ monitoring }: LabSite): Monitoring | undefined {
    if (monitoring === undefined) return undefined;
    const { password, ...options } = monitoring;
    return Monitoring.prometheus({
      ...options,
      allow: ["198.18.0.1"],
      ...(password === true ? { password: new TerraformVariable(this, "metrics_password", { type: "string", sensitive: true }).stringValue } : {}),
    });
  }

  private logs({ logs }: LabSite): HaproxyLogs | undefined {
    if (logs?.to !== "remote") return logs && (logs.to === "none" ? HaproxyLogs.none() : HaproxyLogs.journal());
    return HaproxyLogs.remote({ address: logs.address, port: logs.port, tcp: logs.tcp });
  }

  private certificate({ pemVariables }: LabSite, path: string, rootCas: string[]): SslBridgeCert {
    if (pemVariables !== true) {
      const cert = SslBridgeCert.fromPemFile(this, "Cert", { path, rootCas });
      new TerraformOutput(this, "certificate_expires", { value: cert.expires ?? "unknown" });
      return cert;
    }
    return SslBridgeCert.fromPem(this, "Cert", {
      certificate: new TerraformVariable(this, "certificate", { type: "string" }).stringValue,
      privateKey: new TerraformVariable(this, "private_key", { type: "string", sensitive: true }).stringValue,
      rootCas: Object.fromEntries(rootCas.map((ca, index) => [`ca-${index}`, readFileSync(ca, "utf8")])),
    });
  }

  private mode(facts: LabFacts, site: LabSite): BalancingMode {
    const cas = site.caPaths ?? [site.caPath ?? facts.caPath];
    if (site.mode === "tcp") return BalancingMode.tcp({ rootCas: { "lab-root": readFileSync(cas[0] ?? "", "utf8") } });
    const options = {
      cert: this.certificate(site, site.pemPath ?? facts.pemPath, cas),
      http2: site.http2,
      pathStrictness: site.lenientPaths === true ? PathStrictness.LENIENT : PathStrictness.STRICT,
      tlsPolicy: site.tlsPolicy as TlsPolicy | undefined,
      responseHeaders: site.responseHeaders,
      replaceResponseHeaders: site.replaceResponseHeaders,
      knownAttacks: site.attacks === undefined ? undefined : KnownAttacks.catalogue({ also: site.attacks.map(({ name, texts }) => AttackPattern.url(name, texts)) }),
      passwordGuessing:
        site.guessing === undefined
          ? undefined
          : PasswordGuessing.stop({ banTime: site.guessing.banMinutes === undefined ? undefined : Duration.minutes(site.guessing.banMinutes), exceptions: site.guessing.exceptions }),
    };
    if (site.mode === "sslOffload") return BalancingMode.sslOffload(options);
    return BalancingMode.sslBridge({
      ...options,
      onCertificateMismatch: site.onCertificateMismatch,
      sniCerts: site.sniCerts?.map(({ pemPath, caPath, names }, index) => ({
        cert: SslBridgeCert.fromPemFile(this, `SniCert${index}`, { path: pemPath, rootCas: [caPath] }),
        names,
      })),
    });
  }
}

if (require.main === module) {
  const file = process.env.EXLAB;
  if (file === undefined) throw new Error("EXLAB must name the lab's facts file; `npm run lab -- deploy` sets it");
  const app = new App();
  const facts = JSON.parse(readFileSync(file, "utf8")) as LabFacts;
  const site = JSON.parse(process.env.EXLAB_SITE ?? "{}") as LabSite;
  new LabStack(app, "lab", facts, site);
  app.synth();
}
