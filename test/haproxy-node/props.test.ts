import { BalancingMode, Duration, ExchangeDag, HaproxyNode, HostFirewallMode, MailProtocol, OsProfile, SshAccess } from "cdktf-exchange-balancer";
import { TerraformVariable } from "cdktf";
import { LIST_ENTRY } from "../../lib/validation/errors";
import { INJECTIONS, refuses, untyped } from "../support/refused";
import { ARTICLE_DAG, Case, HOST_KEY, balancerStack, newStack } from "../support/site";

const NETWORK = "an IP address, such as 10.8.5.17, or a CIDR network that is written with its first address, such as 10.8.5.0/24";
const HOST = "a DNS name or a unicast IP address without leading zeros";

refuses([
  ["a limit of 0", { balancer: { limits: { connections: 0 } } }, "limits.connections must be an integer from 1 to 1000000, got 0 [Stack/Mail/Master]"],
  [
    "a protocol on the ssh port",
    { dag: { mailProtocols: [MailProtocol.smtp({ port: 22 })] } },
    "mailProtocols must not use the ssh port, got 22 for both [Stack/Mail/Master]",
  ],
  [
    "an unknown firewall mode",
    { balancer: { firewall: "none" as HostFirewallMode } },
    'firewall must be one of firewalld, unmanaged, got "none" [Stack/Mail]',
  ],
  ["a zone name that firewalld does not allow", { balancer: { firewallZone: "my zone" } }, 'firewallZone must be the name of a firewalld zone, such as internal, got "my zone" [Stack/Mail/Master]'],
  [
    "a firewall zone with an unmanaged firewall",
    { balancer: { firewallZone: "internal", firewall: HostFirewallMode.UNMANAGED } },
    'firewallZone must be left out with HostFirewallMode.UNMANAGED, got "internal" [Stack/Mail/Master]',
  ],
  ["a takeOver that is neither true nor false", { balancer: { takeOver: untyped("yes") } }, 'takeOver must be true or false, known at synthesis, got "yes" [Stack/Mail]'],
  ["an allow list that is a string", { balancer: { allow: { smtp: "10.8.5.17" as unknown as string[] } } }, 'allow.smtp must be a list of IP addresses and CIDR networks, got "10.8.5.17" [Stack/Mail/Master]'],
  [
    "an empty allow list",
    { balancer: { allow: { smtp: [] } } },
    "allow.smtp must be a list with at least one entry (an empty list would refuse everyone; to admit everyone, leave the prop out), got none [Stack/Mail/Master]",
  ],
  ["a malformed CIDR", { balancer: { allow: { ecp: ["10.8.5.0/33"] } } }, `allow.ecp[0] must be ${NETWORK}, got "10.8.5.0/33" [Stack/Mail/Master]`],
  ["a CIDR with a blank", { balancer: { allow: { owa: ["10.8.5.0 /24"] } } }, `allow.owa[0] must be ${NETWORK}, got "10.8.5.0 /24" [Stack/Mail/Master]`],
  ["an allow list with ... as an entry", { balancer: { allow: { smtp: ["..."] } } }, `allow.smtp[0] must be ${NETWORK}, got "..." [Stack/Mail/Master]`],
  ["a node without a host", { balancer: { master: { host: "" } } }, `host must be ${HOST}, got "" [Stack/Mail/Master]`],
  ["maxconn 0", { balancer: { maxconn: 0 } }, "maxconn must be an integer from 1 to 1000000, got 0 [Stack/Mail/Master]"],
  ["retries -1", { balancer: { retries: -1 } }, "retries must be an integer from 0 to 100, got -1 [Stack/Mail/Master]"],
  ["health port 70000", { balancer: { healthPort: 70000 } }, "healthPort must be an integer from 1 to 65535, got 70000 [Stack/Mail/Master]"],
  [
    "a health port on which a service listens",
    { balancer: { healthPort: 443 } },
    "healthPort must be a port that nothing else uses, got 443 [Stack/Mail/Master]",
  ],
  [
    "two nodes with the same address",
    { balancer: { backup: { host: "10.12.8.11" } } },
    'host must be different from the host of Stack/Mail/Master, got "10.12.8.11" for both [Stack/Mail/Backup]',
  ],
  ["an ssh user with a blank", { balancer: { ssh: SshAccess.agent({ user: "ro ot" }) } }, 'ssh.user must be a user name of the host, such as root, got "ro ot" [Stack/Mail/Master]'],
  ["ssh port 0", { balancer: { ssh: SshAccess.agent({ port: 0 }) } }, "ssh.port must be an integer from 1 to 65535, got 0 [Stack/Mail/Master]"],
  [
    "a private key that is a literal text",
    { balancer: { ssh: SshAccess.privateKey({ privateKey: "-----BEGIN OPENSSH PRIVATE KEY-----" }) } },
    "ssh.privateKey must be a token, such as the stringValue of a sensitive TerraformVariable: a literal would be readable in cdk.tf.json [Stack/Mail/Master]",
  ],
  [
    "two nodes with the same name in another case",
    { balancer: { master: { host: "LB01.local" }, backup: { host: "lb01.local" }, masterVrrpAddress: "10.0.0.1", backupVrrpAddress: "10.0.0.2" } },
    'host must be different from the host of Stack/Mail/Master, got "lb01.local" for both [Stack/Mail/Backup]',
  ],
  [
    "two nodes with the same IPv6 address in two spellings",
    { balancer: { master: { host: "2001:DB8::11" }, backup: { host: "2001:db8:0:0::11" } } },
    'host must be different from the host of Stack/Mail/Master, got "2001:db8:0:0::11" for both [Stack/Mail/Backup]',
  ],
  ["an empty object where an OsProfile is expected", { balancer: { os: untyped({}) } }, "os must be an OsProfile, such as OsProfile.ALMALINUX_9, got an empty object [Stack/Mail]"],
  ["the name of an OsProfile where the profile itself is expected", { balancer: { os: untyped("AlmaLinux 9") } }, 'os must be an OsProfile, such as OsProfile.ALMALINUX_9, got "AlmaLinux 9" [Stack/Mail]'],
  ["a missing os", { balancer: { os: untyped(undefined) } }, "os must be an OsProfile, such as OsProfile.ALMALINUX_9, got undefined [Stack/Mail]"],
  ["a user name where an SshAccess is expected", { balancer: { ssh: untyped("root") } }, 'ssh must be an SshAccess, such as SshAccess.agent(), got "root" [Stack/Mail]'],
  [
    "a private key where an SshAccess is expected, and does not show the key",
    { balancer: { ssh: untyped("-----BEGIN OPENSSH PRIVATE KEY-----\nSECRET") } },
    "ssh must be an SshAccess, such as SshAccess.agent(), got text with a private key [Stack/Mail]",
  ],
  ["an SshAccess factory that was not called", { balancer: { ssh: untyped(() => SshAccess.agent()) } }, "ssh must be an SshAccess, such as SshAccess.agent(), got a function [Stack/Mail]"],
  ["an empty object where an ExchangeDag is expected", { balancer: { dag: untyped({}) } }, "dag must be an ExchangeDag, got an empty object [Stack/Mail]"],
  ["the name of a mode where a BalancingMode is expected", { balancer: { mode: untyped("tcp") } }, 'mode must be a BalancingMode, such as BalancingMode.tcp(), got "tcp" [Stack/Mail]'],
  ["an OsProfile where a BalancingMode is expected", { balancer: { mode: untyped(OsProfile.DEBIAN_12) } }, "mode must be a BalancingMode, such as BalancingMode.tcp(), got an instance of OsProfile [Stack/Mail]"],
  ["a number as a timeout, which must be a Duration", { balancer: { timeouts: untyped({ server: 5 }) } }, "timeouts.server must be a Duration, such as Duration.seconds(15), got 5 [Stack/Mail]"],
  ["an unknown key of timeouts", { balancer: { timeouts: untyped({ http_request: Duration.seconds(5) }) } }, 'timeouts must be an object of known keys, got the unknown key "http_request": did you mean httpRequest? [Stack/Mail]'],
  ["a number where the object timeouts is expected", { balancer: { timeouts: untyped(5) } }, "timeouts must be an object with httpRequest, queue, connect, client, server, httpKeepAlive, check, got 5 [Stack/Mail]"],
  ["null where the object timeouts is expected", { balancer: { timeouts: untyped(null) } }, "timeouts must be an object with httpRequest, queue, connect, client, server, httpKeepAlive, check, got null [Stack/Mail]"],
  ["an unknown key of allow", { balancer: { allow: untyped({ stmp: ["10.0.0.1"] }) } }, 'allow must be an object of known keys, got the unknown key "stmp": did you mean smtp? [Stack/Mail]'],
  ["null where an allow list is expected", { balancer: { allow: untyped({ smtp: null }) } }, "allow.smtp must be a value, or left out, got null [Stack/Mail]"],
  ["a token for text where an allow list is expected", { balancer: { allow: untyped({ smtp: "${TfToken[TOKEN.0]}" }) } }, "allow.smtp must be a list of IP addresses and CIDR networks, got a token for text (use Token.asList(), for example on the result of Fn.concat(), to get a list) [Stack/Mail/Master]"],
  ["an unknown key of limits", { balancer: { limits: untyped({ connections_per_10s: 5 }) } }, 'limits must be an object of known keys, got the unknown key "connections_per_10s": did you mean connectionsPer10s? [Stack/Mail]'],
  ["text as a limit, which must be a number", { balancer: { limits: untyped({ connections: "5" }) } }, 'limits.connections must be an integer from 1 to 1000000, got "5" [Stack/Mail/Master]'],
  ["null where a port number is expected", { balancer: { healthPort: untyped(null) } }, "healthPort must be a value, or left out, got null [Stack/Mail]"],
  ["text where true or false is expected", { balancer: { ipv6: untyped("yes") } }, 'ipv6 must be true or false, known at synthesis, got "yes" [Stack/Mail]'],
  ["a removal policy in capitals", { balancer: { removalPolicy: untyped("RETAIN") } }, 'removalPolicy must be one of retain, release, destroy, got "RETAIN" [Stack/Mail]'],
  ["a number as hardStopAfter, which must be a Duration", { balancer: { hardStopAfter: untyped(60) } }, "hardStopAfter must be a Duration, such as Duration.seconds(15), got 60 [Stack/Mail]"],
  ["text as membersUpTimeout, which must be a Duration", { balancer: { membersUpTimeout: untyped("1m") } }, 'membersUpTimeout must be a Duration, such as Duration.seconds(15), got "1m" [Stack/Mail]'],
  ["an overrule that is not a time in UTC", { balancer: { overrule: "2026-11-26 21:04" } }, 'overrule must be a time in UTC such as 2026-11-26T21:04:11Z, got "2026-11-26 21:04" [Stack/Mail/Master]'],
  ["a Promise where the object limits is expected", { balancer: { limits: untyped(Promise.resolve({})) } }, "limits must be an object with connections, connectionsPer10s, got an instance of Promise [Stack/Mail]"],
  ["a Date where the object timeouts is expected", { balancer: { timeouts: untyped(new Date()) } }, "timeouts must be an object with httpRequest, queue, connect, client, server, httpKeepAlive, check, got an instance of Date [Stack/Mail]"],
  ["a list of client names with an empty slot", { dag: { clientNames: untyped([, "mail.mydomain.local"]) } }, "clientNames[0] must be an entry, got undefined [Stack/Dag]"], // eslint-disable-line no-sparse-arrays
  ["an instance id with Terraform code written by hand", { balancer: { master: { host: "10.12.8.11", hostKey: HOST_KEY, instanceId: "${aws_instance.lb01.id}" } } }, 'instanceId must be text, which may be a token, got "${aws_instance.lb01.id}", Terraform code written by hand, which cdktf would not evaluate. Use the construct\'s property or method, such as stringValue or getStringAttribute(). For a part of a value, use propertyAccess() or Fn [Stack/Mail/Master]'],
  ["an entry of a Terraform list as redeliver", { balancer: (stack) => ({ redeliver: new TerraformVariable(stack, "list", { type: "list(string)" }).listValue[0] }) }, `redeliver must be text, which may be a token, got ${LIST_ENTRY} [Stack/Mail/Master]`],
  ["a token for a number where an allow list is expected", { balancer: (stack) => ({ allow: { smtp: untyped<string[]>(new TerraformVariable(stack, "number", { type: "number" }).numberValue) } }) }, "allow.smtp must be a list of IP addresses and CIDR networks, got a token for a number [Stack/Mail/Master]"],
  ["a mail service on the port of the host's log", { dag: { mailProtocols: [MailProtocol.smtp({ port: 514 })] } }, "no service may use port 514, because rsyslog receives HAProxy's log on this port [Stack/Mail/Master]"],
  ["a health port that is the port of the host's log", { balancer: { healthPort: 514 } }, "no service may use port 514, because rsyslog receives HAProxy's log on this port [Stack/Mail/Master]"],
  ["a number as redeliver", { balancer: { redeliver: untyped(1) } }, "redeliver must be text, got 1 [Stack/Mail]"],
  ["a misspelled prop of the balancer", { balancer: untyped({ virtualAdresses: ["10.12.8.15"] }) }, 'props must be an object of known keys, got the unknown key "virtualAdresses": did you mean virtualAddresses? [Stack/Mail]'],
  ["a misspelled key of a VM", { balancer: { master: untyped({ host: "10.12.8.11", host_key: HOST_KEY }) } }, 'master must be an object of known keys, got the unknown key "host_key": did you mean hostKey? [Stack/Mail]'],
  ["a VM's id that is a number", { balancer: { master: untyped({ host: "10.12.8.11", hostKey: HOST_KEY, instanceId: 1 }) } }, "master.instanceId must be text, got 1 [Stack/Mail]"],
]);

describe.each(INJECTIONS)("the dangerous text %j as a value of a balancer", (text) => {
  test("a dangerous text is refused as host, host key, ssh user, bastion, firewall zone and allow-list entry", () => {
    const balancers: Case["balancer"][] = [
      { master: { host: text } },
      { master: { host: "10.12.8.11", hostKey: text } },
      { ssh: SshAccess.agent({ user: text }) },
      { ssh: SshAccess.agent({ bastion: { host: text } }) },
      { allow: { smtp: [text] } },
      { firewallZone: text },
    ];
    for (const balancer of balancers) expect(() => balancerStack({ balancer })).toThrow(/must be .*, got /s);
  });
});

test("a balancer refuses props that are not an object", () => {
  expect(() => new HaproxyNode(newStack(), "Node", untyped(undefined))).toThrow(/^props must be an object with os, ssh, .*, dag, mode, .*, got undefined \[Stack\/Node\]$/);
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
  ).toThrow('host must be different from the host of Stack/Mail/Master, got "10.12.8.11" for both [Stack/Another]');
});

test("a balancer accepts props that are undefined, and an empty object as `limits`", () => {
  const { balancer } = balancerStack({ balancer: { timeouts: { server: Duration.minutes(1), client: undefined }, limits: {}, allow: { smtp: undefined }, redeliver: undefined } });
  expect(balancer.master.healthPort).toBe(8404);
});
