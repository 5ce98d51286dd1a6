import { TerraformStack, Token } from "cdktf";
import {
  Balance,
  BalancingMode,
  Duration,
  ExchangeDag,
  ExchangeBalancer,
  ExchangeBalancerProps,
  Failover,
  FailoverOptions,
  HaproxyNode,
  HealthCheck,
  HostFirewallMode,
  KeepalivedPair,
  MailProtocol,
  OsProfile,
  SshAccess,
  SslBridgeCert,
  VirtualDirectory,
} from "cdktf-exchange-balancer";
import { ARTICLE_DAG, Case, HOST_KEY, articleBridge, balancerStack, newStack, secret, synth, variable } from "./support/site";

// Each row: what is wrong, the input, and the whole message: prop, what is
// right, what came, which construct.

const member = (over: object): Case => ({ dag: { members: [{ name: "exch01", host: "10.12.8.21", ...over }] } });
const members = (count: number): Case => ({
  dag: { members: Array.from({ length: count }, (_, index) => ({ name: `exch${index}`, host: `10.12.9.${index}` })) },
});
const CONFIG_NAME = "a letter or digit followed by up to 62 letters, digits, dots, dashes or underscores";
const NETWORK = "an IP address or a CIDR network, such as 10.8.5.17/32";
const HOST = "a DNS name or an IP address";
const VIRTUAL = "an IPv4 address, or one with a prefix length, such as 10.12.8.15/24";

const ROWS: readonly (readonly [string, Case, string])[] = [
  ["no member", { dag: { members: [] } }, "members must be 1 to 16 Exchange servers (the limit of a DAG), got none [Stack/Dag]"],
  ["17 members", members(17), "members must be 1 to 16 Exchange servers (the limit of a DAG), got 17 [Stack/Dag]"],
  [
    "two members of one name",
    { dag: { members: [{ name: "exch01", host: "a" }, { name: "EXCH01", host: "b" }] } },
    "members' name must be different for each entry, got EXCH01 twice [Stack/Dag]",
  ],
  [
    "two members of one host",
    { dag: { members: [{ name: "exch01", host: "10.12.8.21" }, { name: "exch02", host: "10.12.8.21" }] } },
    "members' host must be different for each entry, got 10.12.8.21 twice [Stack/Dag]",
  ],
  [
    "members that all get nothing",
    member({ weight: 0 }),
    "members' weight must be above 0 for at least one member, got 0 for all [Stack/Dag]",
  ],
  ["a verify name that is none", member({ verifyName: "a b" }), 'members[0].verifyName must be a DNS name, such as mail.mydomain.local, got "a b" [Stack/Dag]'],
  ["fall 0", { dag: { healthCheckFall: 0 } }, "healthCheckFall must be an integer from 1 to 100, got 0 [Stack/Dag]"],
  ["rise 101", { dag: { healthCheckRise: 101 } }, "healthCheckRise must be an integer from 1 to 100, got 101 [Stack/Dag]"],
  ["a name server by name", { dag: { nameServers: ["dns"] } }, 'nameServers[0] must be an IPv4 or IPv6 address, got "dns" [Stack/Dag]'],
  ["a limit of 0", { balancer: { limits: { connections: 0 } } }, "limits.connections must be an integer from 1 to 1000000, got 0 [Stack/Mail/Master]"],
  ["headers of 1 kB", { balancer: { maxHeaderBytes: 1024 } }, "maxHeaderBytes must be an integer from 8192 to 1048576, got 1024 [Stack/Mail/Master]"],
  [
    "members that all are backup",
    member({ backup: true }),
    "members' backup must be false for at least one member, got true for all [Stack/Dag]",
  ],
  ["an empty member name", member({ name: "" }), `members[0].name must be ${CONFIG_NAME}, got "" [Stack/Dag]`],
  ["an empty host", member({ host: "" }), `members[0].host must be ${HOST}, got "" [Stack/Dag]`],
  ["a host with a port", member({ host: "exch01:443" }), `members[0].host must be ${HOST}, got "exch01:443" [Stack/Dag]`],
  ["a zoned address", member({ host: "fe80::1%eth0" }), `members[0].host must be ${HOST}, got "fe80::1%eth0" [Stack/Dag]`],
  ["an address with a number too large", member({ host: "10.12.8.300" }), `members[0].host must be ${HOST}, got "10.12.8.300" [Stack/Dag]`],
  ["an address with a number too few", member({ host: "10.12.8" }), `members[0].host must be ${HOST}, got "10.12.8" [Stack/Dag]`],
  [
    "a list that is a token, where its length decides",
    { dag: { clientNames: Token.asList("${var.names}") } },
    'clientNames must be a list whose length is known at synthesis; its entries may be tokens, got a token [Stack/Dag]',
  ],
  [
    "a health check every millisecond",
    { dag: { healthCheckInterval: Duration.millis(1) } },
    "healthCheckInterval in ms must be an integer from 100 to 3600000, got 1 [Stack/Dag]",
  ],
  [
    "a protocol on the ssh port",
    { dag: { mailProtocols: [MailProtocol.smtp({ port: 22 })] } },
    "mailProtocols must leave the ssh port to ssh, got 22 for both [Stack/Mail/Master]",
  ],
  [
    "a firewall that is none of the choices",
    { balancer: { firewall: "none" as HostFirewallMode } },
    'firewall must be one of firewalld, unmanaged, got "none" [Stack/Mail/Master]',
  ],
  ["an allow list that is a string", { balancer: { allow: { smtp: "10.8.5.17" as unknown as string[] } } }, 'allow.smtp must be a list of IP addresses and CIDR networks, got "10.8.5.17" [Stack/Mail/Master]'],
  ["a virtual address of all", { balancer: { virtualAddresses: ["10.12.8.15/0"] } }, `virtualAddresses[0] must be ${VIRTUAL}, got "10.12.8.15/0" [Stack/Mail/Vip]`],
  ["weight -1", member({ weight: -1 }), "members[0].weight must be an integer from 0 to 256, got -1 [Stack/Dag]"],
  ["weight 257", member({ weight: 257 }), "members[0].weight must be an integer from 0 to 256, got 257 [Stack/Dag]"],
  ["weight 7.5", member({ weight: 7.5 }), "members[0].weight must be an integer from 0 to 256, got 7.5 [Stack/Dag]"],
  ["weight NaN", member({ weight: NaN }), "members[0].weight must be an integer from 0 to 256, got NaN [Stack/Dag]"],
  [
    "a weight that is a token",
    member({ weight: Token.asNumber("${var.weight}") }),
    "members[0].weight must be an integer from 0 to 256, known at synthesis, got a token [Stack/Dag]",
  ],
  ["no client name", { dag: { clientNames: [] } }, "clientNames must be 1 to 100 DNS names, got none [Stack/Dag]"],
  [
    "a client name that is an address with a mask",
    { dag: { clientNames: ["10.1.1.1/24"] } },
    'clientNames[0] must be a DNS name, such as mail.mydomain.local, got "10.1.1.1/24" [Stack/Dag]',
  ],
  [
    "one protocol twice",
    { dag: { mailProtocols: [MailProtocol.smtp(), MailProtocol.smtp({ port: 26 })] } },
    "mailProtocols must be different for each entry, got smtp twice [Stack/Dag]",
  ],
  [
    "two protocols on one port",
    { dag: { mailProtocols: [MailProtocol.smtp(), MailProtocol.imap({ port: 443 })] } },
    "mailProtocols' port must be different for each entry, got 443 twice [Stack/Dag]",
  ],
  [
    "no virtual directory",
    { dag: { virtualDirectories: [] } },
    "virtualDirectories must be at least one (leave it out for the article's eight), got none [Stack/Dag]",
  ],
  [
    "one virtual directory twice",
    { dag: { virtualDirectories: [VirtualDirectory.owa(), VirtualDirectory.owa()] } },
    "virtualDirectories must be different for each entry, got owa twice [Stack/Dag]",
  ],
  [
    "an empty allow list",
    { balancer: { allow: { smtp: [] } } },
    "allow.smtp must be at least one entry (an empty list locks everyone out; leave it out to let everyone in), got none [Stack/Mail/Master]",
  ],
  ["a malformed CIDR", { balancer: { allow: { ecp: ["10.8.5.0/33"] } } }, `allow.ecp[0] must be ${NETWORK}, got "10.8.5.0/33" [Stack/Mail/Master]`],
  ["a CIDR with a blank", { balancer: { allow: { owa: ["10.8.5.0 /24"] } } }, `allow.owa[0] must be ${NETWORK}, got "10.8.5.0 /24" [Stack/Mail/Master]`],
  ["an allow list's ellipsis", { balancer: { allow: { smtp: ["..."] } } }, `allow.smtp[0] must be ${NETWORK}, got "..." [Stack/Mail/Master]`],
  ["a node without a host", { balancer: { master: { host: "" } } }, `host must be ${HOST}, got "" [Stack/Mail/Master]`],
  [
    "a host key with its host's name",
    { balancer: { master: { host: "10.12.8.11", hostKey: `lb01 ${HOST_KEY}` } } },
    `hostKey must be a public host key such as "ssh-ed25519 AAAA…" (ssh-keyscan prints it after the host's name), got "lb01 ${HOST_KEY}" [Stack/Mail/Master]`,
  ],
  ["maxconn 0", { balancer: { maxconn: 0 } }, "maxconn must be an integer from 1 to 1000000, got 0 [Stack/Mail/Master]"],
  ["retries -1", { balancer: { retries: -1 } }, "retries must be an integer from 0 to 100, got -1 [Stack/Mail/Master]"],
  ["health port 70000", { balancer: { healthPort: 70000 } }, "healthPort must be an integer from 1 to 65535, got 70000 [Stack/Mail/Master]"],
  [
    "a health port that is served",
    { balancer: { healthPort: 443 } },
    "healthPort must be a port that nothing else is served on, got 443 [Stack/Mail/Master]",
  ],
  [
    "two nodes with one address",
    { balancer: { backup: { host: "10.12.8.11" } } },
    'host must be another than that of Stack/Mail/Master, got "10.12.8.11" for both [Stack/Mail/Backup]',
  ],
  [
    "a virtual address that is a node's own",
    { balancer: { virtualAddresses: ["10.12.8.12/24"] } },
    "virtualAddresses and the nodes' own must be different for each entry, got 10.12.8.12/24 twice [Stack/Mail/Vip]",
  ],
  ["no virtual address", { balancer: { virtualAddresses: [] } }, "virtualAddresses must be 1 to 20 addresses (what one VRRP packet holds), got none [Stack/Mail/Vip]"],
  [
    "one virtual address twice",
    { balancer: { virtualAddresses: ["10.12.8.15", "10.12.8.15/24"] } },
    "virtualAddresses must be different for each entry, got 10.12.8.15/24 twice [Stack/Mail/Vip]",
  ],
  ["a name as virtual address", { balancer: { virtualAddresses: ["mail.local"] } }, `virtualAddresses[0] must be ${VIRTUAL}, got "mail.local" [Stack/Mail/Vip]`],
  [
    "IPv6 with VRRPv2",
    { balancer: { virtualAddresses: ["2001:db8::15"] } },
    `virtualAddresses[0] must be ${VIRTUAL}, got "2001:db8::15" [Stack/Mail/Vip]`,
  ],
  ["router id 300", { balancer: { virtualRouterId: 300 } }, "virtualRouterId must be an integer from 1 to 255, got 300 [Stack/Mail/Vip]"],
  [
    "a node whose VRRP address is not known",
    { balancer: { master: { host: "lb01.mydomain.local" } } },
    'masterVrrpAddress must be an IPv4 address of the node in the virtual addresses\' network (the node\'s host where not set), got "lb01.mydomain.local" [Stack/Mail/Vip]',
  ],
  [
    "two nodes with one VRRP address",
    { balancer: { masterVrrpAddress: "10.12.8.13", backupVrrpAddress: "10.12.8.13" } },
    "master's and backup's VRRP address must be different for each entry, got 10.12.8.13 twice [Stack/Mail/Vip]",
  ],
  [
    "one router id for both groups of addresses",
    { balancer: { activeActive: { virtualAddresses: ["10.12.8.16"], virtualRouterId: 233 } } },
    "activeActive.virtualRouterId must be another than virtualRouterId, got 233 [Stack/Mail/Vip]",
  ],
  [
    "one address in both groups",
    { balancer: { activeActive: { virtualAddresses: ["10.12.8.15/24"], virtualRouterId: 1 } } },
    "virtualAddresses must be different for each entry, got 10.12.8.15/24 twice [Stack/Mail/Vip]",
  ],
  [
    "an IPv4 address among the IPv6 ones",
    { balancer: { virtualIpv6Addresses: ["10.12.8.16"] } },
    'virtualIpv6Addresses[0] must be an IPv6 address, or one with a prefix length, such as 2001:db8::15/64, got "10.12.8.16" [Stack/Mail/Vip]',
  ],
  [
    "an IPv6 address among the IPv4 ones",
    { balancer: { virtualAddresses: ["2001:db8::15"] } },
    `virtualAddresses[0] must be ${VIRTUAL}, got "2001:db8::15" [Stack/Mail/Vip]`,
  ],
  [
    "IPv6 addresses that HAProxy does not listen on",
    { balancer: { virtualIpv6Addresses: ["2001:db8::15"], ipv6: false } },
    "virtualIpv6Addresses must be left out where the nodes' ipv6 is not true: nobody would serve them [Stack/Mail/Vip]",
  ],
  [
    "a hook that is a shell line",
    { balancer: { notifyCommand: "/bin/sh -c 'rm -rf /'" } },
    `notifyCommand must be the absolute path of a program on the nodes, such as /usr/local/sbin/tell-me, got "/bin/sh -c 'rm -rf /'" [Stack/Mail/Vip]`,
  ],
  [
    "a hook that ends its line",
    { balancer: { notifyCommand: '/bin/true"\n}' } },
    `notifyCommand must be the absolute path of a program on the nodes, such as /usr/local/sbin/tell-me, got ${JSON.stringify('/bin/true"\n}')} [Stack/Mail/Vip]`,
  ],
  [
    "priorities that leave nothing to yield",
    { balancer: { failover: Failover.fast({ yieldWithoutMembers: true }), masterPriority: 100, backupPriority: 20 } },
    "backupPriority must be above 81 with yieldWithoutMembers, which takes 81 away, got 20 [Stack/Mail/Vip]",
  ],
  ["router id 0", { balancer: { virtualRouterId: 0 } }, "virtualRouterId must be an integer from 1 to 255, got 0 [Stack/Mail/Vip]"],
  ["priority 255", { balancer: { masterPriority: 255 } }, "masterPriority must be an integer from 1 to 254, got 255 [Stack/Mail/Vip]"],
  ["equal priorities", { balancer: { backupPriority: 100 } }, "backupPriority must be below masterPriority (100), got 100 [Stack/Mail/Vip]"],
  [
    "an interface of 16 characters",
    { balancer: { interface: "enp0s31f6u1u2u3x" } },
    'interface must be a network interface of at most 15 characters, such as ens192, got "enp0s31f6u1u2u3x" [Stack/Mail/Vip]',
  ],
  ["an instance name with a blank", { balancer: { instanceName: "MAIL VIP" } }, `instanceName must be ${CONFIG_NAME}, got "MAIL VIP" [Stack/Mail/Vip]`],
  [
    "a VRRP password in clear",
    { balancer: { failover: Failover.article({ authPass: "Mypassword" }) } },
    "failover.authPass must be a token, such as the stringValue of a sensitive TerraformVariable: a literal would be written to cdk.tf.json in clear [Stack/Mail/Vip]",
  ],
  ["an ssh user with a blank", { balancer: { ssh: SshAccess.agent({ user: "ro ot" }) } }, 'ssh.user must be a user name of the host, such as root, got "ro ot" [Stack/Mail/Master]'],
  ["ssh port 0", { balancer: { ssh: SshAccess.agent({ port: 0 }) } }, "ssh.port must be an integer from 1 to 65535, got 0 [Stack/Mail/Master]"],
  [
    "a private key in clear",
    { balancer: { ssh: SshAccess.privateKey({ privateKey: "-----BEGIN OPENSSH PRIVATE KEY-----" }) } },
    "ssh.privateKey must be a token, such as the stringValue of a sensitive TerraformVariable: a literal would be written to cdk.tf.json in clear [Stack/Mail/Master]",
  ],
];

test.each(ROWS)("%s is refused with construct, prop, value and remedy", (_, site, message) => {
  expect(() => balancerStack(site)).toThrow(new Error(message));
});

// What a hostile or careless hand puts into a name: none of it may reach a
// config, a shell command or a Terraform expression.
const INJECTIONS = ["a\nb", "a\r\nb", "a b", 'a"b', "a'b", "a#b", "a;b", "a$(id)b", "a`id`b", "${a}", "%{ if true }", "a\\b", "a\u0000b", "-a", "a\n"];

describe.each(INJECTIONS)("%j", (text) => {
  const refuses = (site: Case): void => {
    expect(() => balancerStack(site)).toThrow(/must be .*, got /s);
  };
  test("is no member name", () => refuses(member({ name: text })));
  test("is no member host", () => refuses(member({ host: text })));
  test("is no client name", () => refuses({ dag: { clientNames: [text] } }));
  test("is no node's host", () => refuses({ balancer: { master: { host: text } } }));
  test("is no allow-list entry", () => refuses({ balancer: { allow: { smtp: [text] } } }));
  test("is no virtual address", () => refuses({ balancer: { virtualAddresses: [text] } }));
  test("is no interface", () => refuses({ balancer: { interface: text } }));
  test("is no instance name", () => refuses({ balancer: { instanceName: text } }));
  test("is no ssh user", () => refuses({ balancer: { ssh: SshAccess.agent({ user: text }) } }));
  test("is no bastion", () => refuses({ balancer: { ssh: SshAccess.agent({ bastion: { host: text } }) } }));
  test("is no host key", () => refuses({ balancer: { master: { host: "10.12.8.11", hostKey: text } } }));
});

test.each(["a\nb", 'a"b', "a\\b", "a$b", "%d", "a\u0007b", ""])("a response header of %j is refused", (value) => {
  const stack = newStack();
  const { cert } = { cert: SslBridgeCert.fromPemFile(stack, "Cert", { path: "exch.pem" }) };
  expect(() => BalancingMode.sslBridge({ cert, responseHeaders: { "X-Test": value } })).toThrow(
    'responseHeaders["X-Test"] must be printable text without double quote, backslash, % or $',
  );
});

test.each(['a"b', "a\nb", "${path.root}/x", "%{x}", "", "a\\b"])("a PEM path of %j is refused", (path) => {
  expect(() => SslBridgeCert.fromPemFile(newStack(), "Cert", { path })).toThrow(
    "path must be a path without quote, backslash, $, % or line break",
  );
});

test("a private key among the certificates is refused, and not shown", () => {
  const stack = newStack();
  const key = "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nSECRET";
  const privateKey = secret(stack, "key");
  for (const [prop, props] of [
    ["certificate", { certificate: key, privateKey }],
    ['rootCas["root"]', { certificate: variable(stack, "c"), privateKey, rootCas: { root: key } }],
  ] as const) {
    const refused = `${prop} must hold no private key: it is shown in plans and kept in the state [Stack/${prop}]`;
    expect(() => SslBridgeCert.fromPem(stack, prop, props)).toThrow(new Error(refused));
  }
});

test("a certificate that is no PEM is refused with what makes it one", () => {
  expect(() => SslBridgeCert.fromPem(newStack(), "Cert", { certificate: "MIIC", privateKey: "${var.key}" })).toThrow(/privateKey must be a token/);
  const stack = newStack();
  expect(() => SslBridgeCert.fromPem(stack, "Cert", { certificate: "MIIC", privateKey: secret(stack, "key") })).toThrow(
    'certificate must be in PEM form and hold "-----BEGIN CERTIFICATE-----" (openssl x509 -inform der, or openssl pkcs12, makes PEM of other forms) [Stack/Cert]',
  );
});

test("a token is no path and no name of a CA, which Terraform must know", () => {
  const stack = newStack();
  const token = variable(stack, "v");
  expect(() => SslBridgeCert.fromPemFile(stack, "A", { path: token })).toThrow(/path must be a path .*, known at synthesis, got/);
  expect(() => SslBridgeCert.fromPem(stack, "B", { certificate: token, privateKey: token, rootCas: { [token]: token } })).toThrow(/name must be .*, known at synthesis, got/);
});

test("a private key in clear is refused", () => {
  expect(() => SslBridgeCert.fromPem(newStack(), "Cert", { certificate: "c", privateKey: "-----BEGIN" })).toThrow(
    "privateKey must be a token, such as the stringValue of a sensitive TerraformVariable: a literal would be written to cdk.tf.json in clear [Stack/Cert]",
  );
});

test("two root CAs of one name are refused", () => {
  expect(() => SslBridgeCert.fromPemFile(newStack(), "Cert", { path: "x.pem", rootCas: ["a/root.ca", "b/root.pem"] })).toThrow(
    'rootCas[1] must have a name of its own, got "root" twice [Stack/Cert]',
  );
});

test.each([0, -1, 1.5, NaN, 1e10])("a duration of %d seconds is refused", (amount) => {
  expect(() => Duration.seconds(amount)).toThrow(`Duration.seconds must be a whole number from 1 up to 24 days, got ${amount}`);
});

test.each([
  ["advertisementInterval", { advertisementInterval: Duration.millis(200) }],
  ["checkInterval", { checkInterval: Duration.minutes(10) }],
])("VRRPv2 takes no %s but 1 to 255 whole seconds", (prop, options) => {
  expect(() => Failover.article({ authPass: secret(newStack(), "p"), ...options })).toThrow(
    `${prop} must be a whole number of seconds from 1 to 255`,
  );
});

test.each<[string, FailoverOptions, string]>([
  ["an interval between VRRPv3's steps", { advertisementInterval: Duration.millis(25) }, "advertisementInterval must be 10 ms to 40.95 s in steps of 10 ms (VRRPv3), got 25 ms"],
  ["an interval that VRRPv3 cannot say", { advertisementInterval: Duration.seconds(41) }, "advertisementInterval must be 10 ms to 40.95 s in steps of 10 ms (VRRPv3), got 41000 ms"],
  ["half a second between checks", { checkInterval: Duration.millis(500) }, "checkInterval must be a whole number of seconds from 1 to 255, got 500 ms"],
  ["a preempt delay of an hour", { preemptDelay: Duration.hours(1) }, "preemptDelay must be a whole number of seconds from 1 to 1000, got 3600000 ms"],
  ["a preempt delay without preemption", { preempt: false, preemptDelay: Duration.seconds(1) }, "preemptDelay must be left out where preempt is false, got 1000 ms"],
  ["yielding without preemption", { preempt: false, yieldWithoutMembers: true }, "yieldWithoutMembers must be false where preempt is: a node that yields is preempted, got true"],
  ["no gratuitous ARP", { garpRepeat: 0 }, "garpRepeat must be an integer from 1 to 100, got 0"],
  ["a refresh every two days", { garpRefresh: Duration.hours(48) }, "garpRefresh must be a whole number of seconds from 1 to 86400, got 172800000 ms"],
])("%s is refused by each VRRPv3 profile", (_, options, message) => {
  expect(() => Failover.fast(options)).toThrow(`${message} [Failover.fast]`);
  expect(() => Failover.lan(options)).toThrow(`${message} [Failover.lan]`);
});

describe("two pairs of one app", () => {
  const site = (virtualAddress: string, virtualRouterId: number): Partial<ExchangeBalancerProps> => ({
    virtualAddresses: [virtualAddress],
    virtualRouterId,
    failover: Failover.fast(),
  });
  const beside = (one: string, two: string, routerId = 1): KeepalivedPair => {
    const { stack } = balancerStack({ balancer: site(one, 1) });
    return new ExchangeBalancer(stack, "Other", {
      dag: new ExchangeDag(stack, "OtherDag", ARTICLE_DAG),
      mode: BalancingMode.tcp(),
      os: OsProfile.DEBIAN_12,
      ssh: SshAccess.agent(),
      interface: "eth0",
      master: { host: "10.12.9.11" },
      backup: { host: "10.12.9.12" },
      ...site(two, routerId),
      virtualAddresses: [two],
      virtualRouterId: routerId,
    }).vip;
  };
  const warned = (pair: KeepalivedPair): string[] => pair.node.metadata.map(({ data }) => String(data));

  test("with one router id in one network are refused", () => {
    expect(() => beside("10.12.8.15/23", "10.12.9.15/23")).toThrow(
      "virtualRouterId must be another than that of Stack/Mail/Vip in the same network (10.12.8.0/23), got 1 for both [Stack/Other/Vip]",
    );
  });

  test("with one router id in what may be one network are warned of", () => {
    expect(warned(beside("10.12.8.15", "10.12.8.16"))).toEqual([
      expect.stringContaining("virtualRouterId must be another than that of Stack/Mail/Vip in the same network (10.12.8.0/24), got 1 for both"),
    ]);
  });

  test("with one router id in two networks, or two ids in one, are well", () => {
    expect(warned(beside("10.12.8.15/24", "10.12.9.15/24"))).toEqual([]);
    expect(warned(beside("10.12.8.15/24", "10.12.8.16/24", 2))).toEqual([]);
  });

  test("with one address are refused", () => {
    expect(() => beside("10.12.8.15", "10.12.8.15/24", 2)).toThrow(
      'virtualAddresses must be other ones than those of Stack/Mail/Vip, got "10.12.8.15" for both [Stack/Other/Vip]',
    );
  });
});

test("a balance that is none of HAProxy's is refused", () => {
  const balance = "roundrobin\n    server evil 1.2.3.4:443" as Balance;
  for (const make of [() => MailProtocol.smtp({ balance }), () => VirtualDirectory.owa({ balance }), () => BalancingMode.tcp({ balance })]) {
    expect(make).toThrow(/balance must be one of roundrobin, leastconn, source, got/);
  }
});

test("two balancers on one VM are refused", () => {
  const { stack } = balancerStack();
  expect(
    () =>
      new HaproxyNode(stack, "Another", {
        dag: new ExchangeDag(stack, "OtherDag", ARTICLE_DAG),
        mode: BalancingMode.tcp(),
        os: OsProfile.DEBIAN_12,
        ssh: SshAccess.agent(),
        host: "10.12.8.11",
      }),
  ).toThrow('host must be another than that of Stack/Mail/Master, got "10.12.8.11" for both [Stack/Another]');
});

test.each([0, 65536, 2.5])("port %d of a protocol is refused", (port) => {
  expect(() => MailProtocol.smtp({ port })).toThrow(
    `port must be an integer from 1 to 65535, known at synthesis, got ${port} [MailProtocol.smtp]`,
  );
});

test("a node can be in one pair only", () => {
  const stack = newStack();
  const node = (id: string, host: string): HaproxyNode =>
    new HaproxyNode(stack, id, {
      dag: new ExchangeDag(stack, `Dag${id}`, ARTICLE_DAG),
      mode: articleBridge(new TerraformStack(stack, `In${id}`)),
      os: OsProfile.DEBIAN_12,
      ssh: SshAccess.agent(),
      host,
    });
  const [a, b] = [node("A", "10.0.0.1"), node("B", "10.0.0.2")];
  const pair = { virtualAddresses: ["10.0.0.3"], interface: "eth0", virtualRouterId: 1, failover: Failover.article({ authPass: secret(stack, "p") }) };
  new KeepalivedPair(stack, "One", { ...pair, master: a, backup: b });
  expect(() => new KeepalivedPair(stack, "Two", { ...pair, master: b, backup: a })).toThrow(
    "Stack/B must be in one pair only, it is in Stack/One already [Stack/Two]",
  );
});

describe("legal, but said aloud", () => {
  const warnings = (site: Case): string[] => {
    const { balancer } = balancerStack(site);
    return balancer.master.node.metadata.filter(({ type }) => type === "@cdktf/warn").map(({ data }) => String(data));
  };

  test("nothing is said of the article's balancer with pinned host keys", () => {
    expect(warnings({})).toEqual([]);
  });

  test("an entry that an allow list repeats", () => {
    expect(warnings({ balancer: { allow: { smtp: ["10.8.5.17/32", "10.8.5.17/32"], ecp: ["::1"] } } })).toEqual([
      "allow.smtp has 10.8.5.17/32 more than once [Stack/Mail/Master]",
    ]);
  });

  test("lists that are left out, and a host key that is not pinned", () => {
    expect(warnings({ balancer: { allow: {}, master: { host: "10.12.8.11" } } })).toEqual([
      "hostKey is not set, so the node's certificate and passwords go to whoever answers at its address [Stack/Mail/Master]",
      "allow.smtp is not set, so everyone may send by SMTP, and to Exchange all of them have the balancer's address [Stack/Mail/Master]",
      "allow.ecp is not set, so everyone may open the Exchange admin center [Stack/Mail/Master]",
    ]);
  });

  test("a pinned key behind a bastion", () => {
    expect(warnings({ balancer: { ssh: SshAccess.agent({ bastion: { host: "10.12.8.1" } }) } })).toEqual([
      "hostKey together with ssh.bastion needs Terraform 1.16: older ones hold the node's key against the bastion, too, and do not connect [Stack/Mail/Master]",
    ]);
  });

  test("path lists in TCP mode", () => {
    expect(warnings({ balancer: { mode: BalancingMode.tcp() } })).toEqual([
      "allow.ecp and allow.owa has no effect in TCP mode, where no request is read [Stack/Mail/Master]",
    ]);
  });
});

test("what is not refused is synthesized", () => {
  expect(synth(balancerStack().stack)).toContain("exch01.mydomain.local:443 weight 75 check");
});

test.each(["/a/b", "api", "/a b", "/a\"", "/%65cp", "/..", "/a\nb"])("VirtualDirectory.of(%j) is refused", (path) => {
  expect(() => VirtualDirectory.of(path)).toThrow("path must be one path segment, such as /api, got ");
});

test.each(["owa", "/a b", "/a\r\nb", "/a#b", ""])("HealthCheck.httpGet(%j) is refused", (path) => {
  expect(() => HealthCheck.httpGet(path)).toThrow("path must be a path such as /owa/healthcheck.htm, got ");
  expect(() => VirtualDirectory.owa({ healthPath: path })).toThrow("healthPath must be a path such as /owa/healthcheck.htm, got ");
});

test("a CA for TCP mode is a certificate alone", () => {
  const key = "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----";
  expect(() => BalancingMode.tcp({ rootCas: { ca: key } })).toThrow('rootCas["ca"] must be a certificate in PEM form without a private key, known at synthesis, got something else [BalancingMode.tcp]');
  expect(() => BalancingMode.tcp({ rootCas: { "../ca": key } })).toThrow("rootCas' name must be");
});
