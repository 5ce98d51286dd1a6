import { Token } from "cdktf";
import { DagMember, Duration, MailProtocol, VirtualDirectory } from "cdktf-exchange-balancer";
import { INJECTIONS, refuses, untyped } from "./support/refused";
import { Case, balancerStack } from "./support/site";

const member = (over: object): Case => ({ dag: { members: [{ name: "exch01", host: "10.12.8.21", ...over }] } });
const members = (count: number): Case => ({
  dag: { members: Array.from({ length: count }, (_, index) => ({ name: `exch${index}`, host: `10.12.9.${index}` })) },
});
const CONFIG_NAME = "a letter or digit followed by up to 62 letters, digits, dots, dashes or underscores";
const NETWORK = "an IP address, such as 10.8.5.17, or a CIDR network that is written with its first address, such as 10.8.5.0/24";
const HOST = "a DNS name or a unicast IP address, not loopback or link-local, without leading zeros";

refuses([
  ["an empty list of members", { dag: { members: [] } }, "members must be 1 to 16 Exchange servers (the limit of a DAG), got none [Stack/Dag]"],
  ["17 members", members(17), "members must be 1 to 16 Exchange servers (the limit of a DAG), got 17 [Stack/Dag]"],
  [
    "two members with the same name",
    { dag: { members: [{ name: "exch01", host: "a" }, { name: "EXCH01", host: "b" }] } },
    "members' name must be different for each entry, got EXCH01 twice [Stack/Dag]",
  ],
  [
    "two members with the same host",
    { dag: { members: [{ name: "exch01", host: "10.12.8.21" }, { name: "exch02", host: "10.12.8.21" }] } },
    "members' host must be different for each entry, got 10.12.8.21 twice [Stack/Dag]",
  ],
  [
    "members that all have the weight 0",
    member({ weight: 0 }),
    "members' weight must be above 0 for at least one member, got 0 for all [Stack/Dag]",
  ],
  ["an invalid verifyName", member({ verifyName: "a b" }), 'members[0].verifyName must be a DNS name of at most 253 characters, such as mail.mydomain.local, got "a b" [Stack/Dag]'],
  ["fall 0", { dag: { healthCheckFall: 0 } }, "healthCheckFall must be an integer from 1 to 100, got 0 [Stack/Dag]"],
  ["rise 101", { dag: { healthCheckRise: 101 } }, "healthCheckRise must be an integer from 1 to 100, got 101 [Stack/Dag]"],
  ["a host name where a name server's address is expected", { dag: { nameServers: ["dns"] } }, 'nameServers[0] must be a unicast IPv4 or IPv6 address without leading zeros, got "dns" [Stack/Dag]'],
  ["an empty member name", member({ name: "" }), `members[0].name must be ${CONFIG_NAME}, got "" [Stack/Dag]`],
  ["an empty host", member({ host: "" }), `members[0].host must be ${HOST}, got "" [Stack/Dag]`],
  ["a host with a port", member({ host: "exch01:443" }), `members[0].host must be ${HOST}, got "exch01:443" [Stack/Dag]`],
  ["an IPv6 address with a zone", member({ host: "fe80::1%eth0" }), `members[0].host must be ${HOST}, got "fe80::1%eth0" [Stack/Dag]`],
  ["an IPv4 address with the number 300", member({ host: "10.12.8.300" }), `members[0].host must be ${HOST}, got "10.12.8.300" [Stack/Dag]`],
  ["an IPv4 address of three numbers", member({ host: "10.12.8" }), `members[0].host must be ${HOST}, got "10.12.8" [Stack/Dag]`],
  [
    "one token where the list of client names is expected",
    { dag: { clientNames: Token.asList("${var.names}") } },
    'clientNames must be a list whose length is known at synthesis; its entries may be tokens, got a list that Terraform fills in (write each entry as Fn.element(list, 0), Fn.element(list, 1), …; also if the list comes from an iterator, because only Terraform knows its entries) [Stack/Dag]',
  ],
  [
    "a health check every millisecond",
    { dag: { healthCheckInterval: Duration.millis(1) } },
    "healthCheckInterval must be from 100 ms to 1 h, got 1 ms [Stack/Dag]",
  ],
  ["weight -1", member({ weight: -1 }), "members[0].weight must be an integer from 0 to 256, got -1 [Stack/Dag]"],
  ["weight 257", member({ weight: 257 }), "members[0].weight must be an integer from 0 to 256, got 257 [Stack/Dag]"],
  ["weight 7.5", member({ weight: 7.5 }), "members[0].weight must be an integer from 0 to 256, got 7.5 [Stack/Dag]"],
  ["weight NaN", member({ weight: NaN }), "members[0].weight must be an integer from 0 to 256, got NaN [Stack/Dag]"],
  [
    "a weight that is a token",
    member({ weight: Token.asNumber("${var.weight}") }),
    "members[0].weight must be an integer from 0 to 256, known at synthesis, got a token [Stack/Dag]",
  ],
  ["a client name twice, in another case", { dag: { clientNames: ["mail.mydomain.local", "MAIL.mydomain.local"] } }, "clientNames must be different for each entry, got MAIL.mydomain.local twice [Stack/Dag]"],
  ["an empty list of client names", { dag: { clientNames: [] } }, "clientNames must be 1 to 100 DNS names, got none [Stack/Dag]"],
  [
    "a client name that is an address with a mask",
    { dag: { clientNames: ["10.1.1.1/24"] } },
    'clientNames[0] must be a DNS name of at most 253 characters, such as mail.mydomain.local, got "10.1.1.1/24" [Stack/Dag]',
  ],
  [
    "the same protocol twice",
    { dag: { mailProtocols: [MailProtocol.smtp(), MailProtocol.smtp({ memberPort: 26 })] } },
    "mailProtocols' port or role must be different for each entry, got smtp twice [Stack/Dag]",
  ],
  [
    "the same role twice",
    { dag: { mailProtocols: [MailProtocol.smtp({ role: "relay" }), MailProtocol.smtp({ role: "relay", port: 26 })] } },
    "mailProtocols' port or role must be different for each entry, got smtp_relay twice [Stack/Dag]",
  ],
  [
    "two services on one port if only the second has a role",
    { dag: { mailProtocols: [MailProtocol.smtp(), MailProtocol.smtp({ role: "relay" })] } },
    "mailProtocols' port must be different for each entry, got 25 twice [Stack/Dag]",
  ],
  [
    "two services on one address and port, in two spellings",
    { dag: { mailProtocols: [MailProtocol.smtp({ address: "2001:db8::1" }), MailProtocol.imap({ port: 25, address: "2001:DB8:0::1" })] } },
    "mailProtocols' address on port 25 must be different for each entry, got 2001:DB8:0::1 twice [Stack/Dag]",
  ],
  [
    "a mail service on the HTTPS port",
    { dag: { mailProtocols: [MailProtocol.smtp({ address: "10.12.8.15", port: 443 })] } },
    "mailProtocols[0].port must be a port other than 80 and 443, which the balancer uses for HTTP and HTTPS, got 443 [Stack/Dag]",
  ],
  [
    "a mail service's address with a prefix length",
    { dag: { mailProtocols: [MailProtocol.smtp({ address: "10.12.8.15/24" })] } },
    'mailProtocols[0].address must be an IPv4 or IPv6 address of the balancers, without prefix length, not loopback or link-local, got "10.12.8.15/24" [Stack/Dag]',
  ],
  ["text where an allow list is expected", { dag: { virtualDirectories: [VirtualDirectory.ews({ allow: untyped("10.0.0.1") })] } }, 'virtualDirectories[0].allow must be a list of IP addresses and CIDR networks, got "10.0.0.1" [Stack/Dag]'],
  [
    "an empty allow list",
    { dag: { mailProtocols: [MailProtocol.smtp(), MailProtocol.imap({ allow: [] })] } },
    "mailProtocols[1].allow must be a list with at least one entry (an empty list would refuse everyone; to admit everyone, leave the prop out), got none [Stack/Dag]",
  ],
  ["a network with host bits in an allow list", { dag: { virtualDirectories: [VirtualDirectory.of("/API", { allow: ["10.8.5.0/24", "10.8.5.1/24"] })] } }, `virtualDirectories[0].allow[1] must be ${NETWORK}, got "10.8.5.1/24" [Stack/Dag]`],
  ["an allow list with an undefined entry", { dag: { mailProtocols: [MailProtocol.pop3({ allow: untyped([undefined]) })] } }, `mailProtocols[0].allow[0] must be ${NETWORK}, got undefined [Stack/Dag]`],
  ["the same directory twice in different spellings", { dag: { virtualDirectories: [VirtualDirectory.of("/OWA"), VirtualDirectory.owa()] } }, "virtualDirectories must be different for each entry, got owa twice [Stack/Dag]"],
  [
    "two protocols on one port",
    { dag: { mailProtocols: [MailProtocol.smtp(), MailProtocol.imap({ port: 443 })] } },
    "mailProtocols' port must be different for each entry, got 443 twice [Stack/Dag]",
  ],
  [
    "an empty list of virtual directories",
    { dag: { virtualDirectories: [] } },
    "virtualDirectories must be at least one directory (leave the prop out to get the eight default directories), got none [Stack/Dag]",
  ],
  [
    "the same virtual directory twice",
    { dag: { virtualDirectories: [VirtualDirectory.owa(), VirtualDirectory.owa()] } },
    "virtualDirectories must be different for each entry, got owa twice [Stack/Dag]",
  ],
  [
    "two members with the same IPv6 host",
    { dag: { members: [{ name: "exch01", host: "2001:DB8::21" }, { name: "exch02", host: "2001:db8:0::21" }] } },
    "members' host must be different for each entry, got 2001:db8:0::21 twice [Stack/Dag]",
  ],
  [
    "a fast interval above an hour",
    { dag: { healthCheckFastInterval: Duration.hours(2) } },
    "healthCheckFastInterval must be from 100 ms to 1 h, got 2 h [Stack/Dag]",
  ],
  [
    "a member's prop name in snake_case",
    member({ verify_name: "mail.mydomain.local" }),
    'members[0] must be an object of known keys, got the unknown key "verify_name": did you mean verifyName? [Stack/Dag]',
  ],
  ["a misspelled key of a member", member({ wieght: 1 }), 'members[0] must be an object of known keys, got the unknown key "wieght": did you mean weight? [Stack/Dag]'],
  [
    "a misspelled prop",
    { dag: untyped({ healthcheckinterval: Duration.seconds(1) }) },
    'props must be an object of known keys, got the unknown key "healthcheckinterval": did you mean healthCheckInterval? [Stack/Dag]',
  ],
  ["text where a member is expected", { dag: { members: untyped(["exch01"]) } }, 'members[0] must be an object with name, host, weight, state, backup, verifyName, got "exch01" [Stack/Dag]'],
  ["null where a member is expected", { dag: { members: untyped([null]) } }, "members[0] must be an object with name, host, weight, state, backup, verifyName, got null [Stack/Dag]"],
  ["an object where a list of members is expected", { dag: { members: untyped({ name: "exch01" }) } }, "members must be a list whose length is known at synthesis; its entries may be tokens, got an object [Stack/Dag]"],
  ["one client name where a list is expected", { dag: { clientNames: untyped("mail.mydomain.local") } }, 'clientNames must be a list whose length is known at synthesis; its entries may be tokens, got "mail.mydomain.local" [Stack/Dag]'],
  ["a number where a member's name is expected", member({ name: 1 }), `members[0].name must be ${CONFIG_NAME}, got 1 [Stack/Dag]`],
  ["a token for a number where a host is expected", member({ host: Token.asNumber("${var.n}") }), `members[0].host must be ${HOST}, got a token that does not stand for text (Token.asString() turns it into text) [Stack/Dag]`],
  ["a list where a host is expected", member({ host: ["10.12.8.21"] }), `members[0].host must be ${HOST}, got a list [Stack/Dag]`],
  ["a token for a list where a host is expected", member({ host: Token.asList("${var.l}") }), `members[0].host must be ${HOST}, got a list that Terraform fills in (use Fn.element(list, 0) for one entry) [Stack/Dag]`],
  ["text as the weight, which must be a number", member({ weight: "75" }), 'members[0].weight must be an integer from 0 to 256, got "75" [Stack/Dag]'],
  ["null where a weight is expected", member({ weight: null }), "members[0].weight must be a value, or left out, got null [Stack/Dag]"],
  ["true where a member state is expected", member({ state: true }), "members[0].state must be one of ready, drain, maintenance, got true [Stack/Dag]"],
  ["an unknown member state", member({ state: "READY" }), 'members[0].state must be one of ready, drain, maintenance, got "READY" [Stack/Dag]'],
  ["a name where a VirtualDirectory is expected", { dag: { virtualDirectories: untyped(["owa"]) } }, 'virtualDirectories[0] must be a VirtualDirectory, such as VirtualDirectory.owa(), got "owa" [Stack/Dag]'],
  ["a protocol's factory that was not called", { dag: { mailProtocols: untyped([() => MailProtocol.smtp()]) } }, "mailProtocols[0] must be a MailProtocol, such as MailProtocol.smtp(), got a function [Stack/Dag]"],
  ["undefined where a MailProtocol is expected", { dag: { mailProtocols: untyped([undefined]) } }, "mailProtocols[0] must be a MailProtocol, such as MailProtocol.smtp(), got undefined [Stack/Dag]"],
  ["a number where a Duration is expected", { dag: { healthCheckInterval: untyped(15) } }, "healthCheckInterval must be a Duration, such as Duration.seconds(15), got 15 [Stack/Dag]"],
  ["null where a Duration is expected", { dag: { healthCheckInterval: untyped(null) } }, "healthCheckInterval must be a Duration, such as Duration.seconds(15), got null [Stack/Dag]"],
]);

describe.each(INJECTIONS)("the dangerous text %j as a value of ExchangeDag", (text) => {
  const taken = (dag: Case["dag"]): void => void balancerStack({ dag });
  const member = (over: Partial<DagMember>): DagMember[] => [{ name: "exch01", host: "10.12.8.21", ...over }];

  test("a dangerous text is refused as a member's name, host and verifyName, as a client name and as a name server", () => {
    expect(() => taken({ mailProtocols: [MailProtocol.smtp({ address: text })] })).toThrow(/must be .*, got /s);
    expect(() => taken({ mailProtocols: [MailProtocol.imap({ allow: [text] })] })).toThrow(/must be .*, got /s);
    expect(() => taken({ virtualDirectories: [VirtualDirectory.mapi({ allow: [text] })] })).toThrow(/must be .*, got /s);
    expect(() => MailProtocol.smtp({ role: text })).toThrow(/must be .*, got /s);
    for (const over of [{ name: text }, { host: text }, { verifyName: text }]) expect(() => taken({ members: member(over) })).toThrow(/must be .*, got /s);
    expect(() => taken({ clientNames: [text] })).toThrow(/must be .*, got /s);
    expect(() => taken({ nameServers: [text] })).toThrow(/must be .*, got /s);
  });
});
