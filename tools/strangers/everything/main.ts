import { App, TerraformStack, TerraformVariable } from "cdktf";
import {
  Balance, BalancingMode, CertificateMismatch, Duration, ExchangeBalancer, ExchangeDag, Failover, HaproxyNode, HealthCheck, HostFirewallMode, KeepalivedPair,
  MailProtocol, MemberState, Monitoring, OsProfile, PathStrictness, RemovalPolicy, SshAccess, SslBridgeCert, TlsPolicy, VirtualDirectory,
} from "cdktf-exchange-balancer";

// Every choice, the same as in main.py beside it: both have to synthesize to the same.
const app = new App();
const stack = new TerraformStack(app, "everything");
const secret = (name: string): string => new TerraformVariable(stack, name, { type: "string", sensitive: true }).stringValue;

const certificate = new TerraformVariable(stack, "certificate", { type: "string" }).stringValue;
const cert = SslBridgeCert.fromPem(stack, "Cert", { certificate, privateKey: secret("private_key"), rootCas: { company: certificate } });
const other = SslBridgeCert.fromPem(stack, "Other", { certificate, privateKey: secret("other_key") });
const dag = new ExchangeDag(stack, "Dag", {
  clientNames: ["mail.mydomain.local", "autodiscover.mydomain.local"],
  members: [
    { name: "exch01", host: "exch01.mydomain.local", weight: 75, verifyName: "exch01.mydomain.local" },
    { name: "exch02", host: "exch02.mydomain.local", weight: 25, state: MemberState.DRAIN },
    { name: "exch03", host: "exch03.mydomain.local", backup: true, state: MemberState.MAINTENANCE },
  ],
  mailProtocols: [
    MailProtocol.smtp({ memberMaxconn: 15 }), MailProtocol.submission(), MailProtocol.imap({ maxconn: 900 }),
    MailProtocol.imaps({ balance: Balance.LEASTCONN, idleTimeout: Duration.hours(1) }), MailProtocol.pop3({ port: 1110, memberPort: 110 }), MailProtocol.pop3s({ balance: Balance.SOURCE }),
  ],
  virtualDirectories: [
    VirtualDirectory.owa({ balance: Balance.ROUNDROBIN }), VirtualDirectory.ecp(), VirtualDirectory.activeSync({ serverTimeout: Duration.minutes(31) }), VirtualDirectory.autodiscover(),
    VirtualDirectory.ews(), VirtualDirectory.mapi(), VirtualDirectory.oab(), VirtualDirectory.powerShell(), VirtualDirectory.rpc(),
    VirtualDirectory.of("/cmp", { connectTimeout: Duration.seconds(2), healthPath: "/cmp/healthcheck.htm" }),
  ],
  nameServers: ["10.12.8.2"],
  healthCheckInterval: Duration.millis(2500),
  healthCheckFastInterval: Duration.millis(900),
  healthCheckFall: 4,
  healthCheckRise: 3,
});
new ExchangeBalancer(stack, "Mail", {
  dag,
  mode: BalancingMode.sslBridge({
    cert, sniCerts: [{ cert: other, names: ["autodiscover.mydomain.local"] }], onCertificateMismatch: CertificateMismatch.WARN, tlsPolicy: TlsPolicy.INTERMEDIATE,
    pathStrictness: PathStrictness.LENIENT, clientTimeout: Duration.minutes(5), responseHeaders: { "X-Frame-Options": "SAMEORIGIN" }, redirectToHttps: true,
  }),
  allow: { smtp: ["10.8.5.17/32"], ecp: ["10.8.5.0/24"], owa: ["10.0.0.0/8"] },
  os: OsProfile.DEBIAN_12.withHaproxy("3.0"),
  ssh: SshAccess.privateKey({ user: "deploy", privateKey: secret("ssh_key"), bastion: { host: "bastion.mydomain.local", port: 2222 }, connectTimeout: Duration.minutes(2) }),
  firewall: HostFirewallMode.UNMANAGED,
  removalPolicy: RemovalPolicy.RELEASE,
  limits: { connections: 200, connectionsPer10s: 100 },
  timeouts: { connect: Duration.seconds(3), queue: Duration.seconds(20) },
  maxconn: 9000,
  monitoring: Monitoring.prometheus({ allow: ["10.8.5.9"], username: "prometheus", password: secret("monitoring_password") }),
  master: { host: "10.12.8.11", instanceId: "vm-1" },
  backup: { host: "10.12.8.12", instanceId: "vm-2" },
  virtualAddresses: ["10.12.8.15"],
  activeActive: { virtualAddresses: ["10.12.8.16"], virtualRouterId: 234 },
  interface: "ens192",
  virtualRouterId: 233,
  failover: Failover.lan({ yieldWithoutMembers: true, checkInterval: Duration.seconds(2) }),
});

// Two nodes by hand, with the choices that the first pair leaves.
const node = (id: string, host: string): HaproxyNode =>
  new HaproxyNode(stack, id, {
    dag: new ExchangeDag(stack, `${id}Dag`, { clientNames: ["mail.other.example"], members: [{ name: "exch11", host: "10.13.8.21" }] }),
    mode: BalancingMode.tcp({ balance: Balance.SOURCE, healthCheck: HealthCheck.httpGet("/owa/healthcheck.htm"), idleTimeout: Duration.minutes(20) }),
    allow: { smtp: ["10.13.0.0/16"] },
    os: OsProfile.ALMALINUX_9,
    ssh: SshAccess.agent({ agentIdentity: "deploy@mydomain" }),
    host,
  });
new KeepalivedPair(stack, "Vip", {
  master: node("Lb11", "10.13.8.11"), backup: node("Lb12", "10.13.8.12"), virtualAddresses: ["10.13.8.15"], interface: "ens192", virtualRouterId: 7,
  failover: Failover.article({ authPass: secret("vrrp_password") }),
});
app.synth();
