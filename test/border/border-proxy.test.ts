import { BalancingMode, BorderAccess, BorderMode, BorderProxyProps, Duration, ExchangeBalancer, InnerAccess, MailProtocol, Publication, SslBridgeCert, VirtualDirectory } from "cdktf-exchange-balancer";
import { hostFiles } from "cdktf-exchange-balancer/testing";
import { TerraformStack } from "cdktf";
import { BORDER_HOSTS, BORDER_PAIR, BorderCase, HYBRID, PUBLISHED, borderStack } from "../support/border";
import { INJECTIONS, untyped } from "../support/refused";
import { Case, HOST_KEY, balancerStack, newStack, synth, variable } from "../support/site";

const NETWORK = "an IP address, such as 10.8.5.17, or a CIDR network that is written with its first address, such as 10.8.5.0/24";
const OTHER_HOST = "a DNS name or a unicast IP address, not loopback or link-local, without leading zeros";
const BY_ADDRESS = { innerAddresses: ["10.12.8.15"], clientNames: ["mail.mydomain.local"] };
const TCP = { mode: BorderMode.tcp(), publish: [Publication.allDirectories()] };

const REFUSED: readonly (readonly [string, BorderCase, string])[] = [
  ["props without inner and innerAddresses", { border: { innerAddresses: undefined } }, "exactly one of inner and innerAddresses must be set, got none [Stack/Border]"],
  ["props with both inner and innerAddresses", { border: (_, inner) => ({ inner: inner.vip, ...BY_ADDRESS }) }, "exactly one of inner and innerAddresses must be set, got both [Stack/Border]"],
  ["innerAccess together with inner", { border: { innerAccess: InnerAccess.plain() } }, "innerAccess must be left out if inner is set, because the prop border of inner's nodes already sets the ports [Stack/Border]"],
  ["an inner pair that does not accept border proxies", { inside: { balancer: { border: undefined } } }, "inner must be a pair whose nodes accept border proxies, got Stack/Mail/Vip, whose nodes do not both set border. Set border: BorderAccess.from({ addresses: [...] }) on both nodes [Stack/Border]"],
  ["an empty list of innerAddresses", { border: { ...BY_ADDRESS, innerAddresses: [] } }, "innerAddresses must be 1 to 16 addresses or DNS names, got none [Stack/Border]"],
  ["an inner address that is not an address", { border: { ...BY_ADDRESS, innerAddresses: ["10.12.8.15", "10.12.8.300"] } }, `innerAddresses[1] must be ${OTHER_HOST}, got "10.12.8.300" [Stack/Border]`],
  ["a loopback address as an inner address", { border: { ...BY_ADDRESS, innerAddresses: ["127.0.0.1"] } }, `innerAddresses[0] must be ${OTHER_HOST}, got "127.0.0.1" [Stack/Border]`],
  ["the same inner address twice", { border: { ...BY_ADDRESS, innerAddresses: ["10.12.8.15", "10.12.8.15"] } }, "innerAddresses must be different for each entry, got 10.12.8.15 twice [Stack/Border]"],
  ["client names in one text", { border: { innerAddresses: ["10.12.8.15"], clientNames: untyped("mail.mydomain.local") } }, 'clientNames must be a list whose length is known at synthesis; its entries may be tokens, got "mail.mydomain.local" [Stack/Border]'],
  ["client names that are a number", { border: { innerAddresses: ["10.12.8.15"], clientNames: untyped(1) } }, "clientNames must be a list whose length is known at synthesis; its entries may be tokens, got 1 [Stack/Border]"],
  ["client names in a Set", { border: { innerAddresses: ["10.12.8.15"], clientNames: untyped(new Set(["mail.mydomain.local"])) } }, "clientNames must be a list whose length is known at synthesis; its entries may be tokens, got an instance of Set [Stack/Border]"],
  ["a missing list of client names", { border: { innerAddresses: ["10.12.8.15"] } }, "clientNames must be at least one DNS name that clients use, got none [Stack/Border]"],
  ["an empty list of publications", { border: { publish: [] } }, "publish must be at least one publication, such as Publication.outlook(), got none [Stack/Border]"],
  ["the same publication twice", { border: { publish: [Publication.outlook(), Publication.outlook()] } }, "publish must be different for each entry, got outlook twice [Stack/Border]"],
  ["a publication that is text", { border: { publish: untyped(["outlook"]) } }, 'publish[0] must be a Publication, such as Publication.outlook(), got "outlook" [Stack/Border]'],
  ["mail publications without an HTTPS publication", { border: { publish: [Publication.smtp()] } }, 'publish must be a list with at least one publication for HTTPS, got "smtp" [Stack/Border]'],
  ["Publication.allDirectories() with SSL bridging", { border: { publish: [Publication.allDirectories()] } }, "publish[0] must be a publication that names its directories, such as Publication.outlook(), if mode is BorderMode.sslBridge(), got allDirectories [Stack/Border]"],
  ["publications with paths in TCP mode", { border: { ...TCP, publish: [Publication.outlook()] } }, "publish[0] must be Publication.allDirectories() or a mail publication if mode is BorderMode.tcp(), because HAProxy cannot see paths in TCP mode, got outlook [Stack/Border]"],
  ["a mail protocol that the inner nodes do not pass on", { border: { publish: [Publication.outlook(), Publication.mail(MailProtocol.imaps())] } }, "publish[1] must be a mail protocol that is listed in border.mailPorts of the inner nodes (listed: smtp), got imaps [Stack/Border]"],
  ["an empty allow list", { border: { publish: [Publication.hybrid({ networks: [] })] } }, "publish[0].networks must be a list with at least one entry (an empty list would refuse everyone; to admit everyone, leave the prop out), got none [Stack/Border/Master]"],
  ["a CIDR network with host bits", { border: { publish: [Publication.outlook(), Publication.smtp({ allow: ["10.0.0.1/8"] })] } }, `publish[1].allow[0] must be ${NETWORK}, got "10.0.0.1/8" [Stack/Border/Master]`],
  ["an Edge server that is not an address", { border: { publish: [Publication.outlook(), Publication.smtp({ edgeServers: ["edge_1"] })] } }, `publish[1].edgeServers[0] must be ${OTHER_HOST}, got "edge_1" [Stack/Border]`],
  ["a backup without a virtual address", { border: { vip: undefined } }, "backup and vip must be set together, because the two VMs share the virtual address, got backup alone [Stack/Border]"],
  ["a virtual address without a backup", { border: { backup: undefined } }, "backup and vip must be set together, because the two VMs share the virtual address, got vip alone [Stack/Border]"],
  ["a balancer's mode", { border: { mode: untyped(BalancingMode.tcp()) } }, "mode must be a BorderMode, such as BorderMode.tcp(), got an instance of BalancingMode [Stack/Border]"],
  ["an unknown key", { border: untyped({ allow: { smtp: [] } }) }, 'props must be an object of known keys, got the unknown key "allow": its keys are'],
  ["an unknown key of vip", { border: { vip: untyped({ ...BORDER_PAIR.vip, routerId: 3 }) } }, 'vip must be an object of known keys, got the unknown key "routerId": did you mean virtualRouterId? [Stack/Border]'],
  ["the inner pair's own address", { border: { vip: { virtualAddresses: ["10.12.8.15"], interface: "ens192", virtualRouterId: 7 } } }, "virtualAddresses[0] must be different from the host of the DAG's members[0], got \"10.12.8.15\" [Stack/Border/Vip]"],
  ["a border port on which another service listens", { inside: { balancer: { border: BorderAccess.from({ addresses: ["192.0.2.11"], httpsPort: 8404 }) } } }, "border's ports must be ports that nothing else uses, got 8404 [Stack/Mail/Master]"],
  ["one border port for two services", { inside: { balancer: { border: BorderAccess.from({ addresses: ["192.0.2.11"], httpsPort: 9000, mailPorts: { smtp: 9000 } }) } } }, "border's ports must be ports that nothing else uses, got 9000 [Stack/Mail/Master]"],
  ["a border port for a protocol that is not served", { inside: { balancer: { border: BorderAccess.from({ addresses: ["192.0.2.11"], mailPorts: { pop3: 8110 } }) } } }, 'border.mailPorts\' name must be a mail protocol that is served (smtp, imap), got "pop3" [Stack/Mail/Master]'],
  ["an empty list of border addresses", { inside: { balancer: { border: BorderAccess.from({ addresses: [] }) } } }, "border.addresses must be 1 to 16 addresses, got none [Stack/Mail/Master]"],
  ["a network as a border address", { inside: { balancer: { border: BorderAccess.from({ addresses: ["192.0.2.0/24"] }) } } }, 'border.addresses[0] must be a unicast IPv4 or IPv6 address, not loopback or link-local, without leading zeros, got "192.0.2.0/24" [Stack/Mail/Master]'],
];

test.each(REFUSED)("BorderProxy refuses %s, and the error message states the construct, the prop, the value and the remedy", (_, site, message) => {
  expect(() => borderStack(site)).toThrow(message);
});

test.each([
  [() => BorderAccess.from(untyped({})), "addresses must be a list, got undefined [BorderAccess.from]"],
  [() => BorderAccess.from({ addresses: ["1.2.3.4"], httpsPort: 0 }), "httpsPort must be an integer from 1 to 65535, known at synthesis, got 0 [BorderAccess.from]"],
  [() => BorderAccess.from({ addresses: ["1.2.3.4"], mailPorts: { smtp: 70_000 } }), 'mailPorts["smtp"] must be an integer from 1 to 65535, known at synthesis, got 70000 [BorderAccess.from]'],
  [() => BorderAccess.from({ addresses: ["1.2.3.4"], mailPorts: untyped({ smtp: "25" }) }), 'mailPorts["smtp"] must be a number, known at synthesis, got "25" [BorderAccess.from]'],
  [() => InnerAccess.plain({ httpsPort: -1 }), "httpsPort must be an integer from 1 to 65535, known at synthesis, got -1 [InnerAccess.plain]"],
  [() => Publication.webmail(untyped({ root: "yes" })), 'root must be true or false, known at synthesis, got "yes" [Publication.webmail]'],
  [() => Publication.hybrid(untyped({})), "networks must be a list, got undefined [Publication.hybrid]"],
  [() => Publication.outlook(untyped({ networks: [] })), 'options must be an object of known keys, got the unknown key "networks": its keys are allow [Publication.outlook]'],
  [() => Publication.directory(untyped("/ecp")), 'directory must be a VirtualDirectory, such as VirtualDirectory.ecp(), got "/ecp" [Publication.directory]'],
  [() => Publication.mail(MailProtocol.smtp()), "protocol must be a protocol other than SMTP (for SMTP, use Publication.smtp()), got smtp [Publication.mail]"],
  [() => Publication.directory(VirtualDirectory.ecp({ allow: ["10.0.0.1"] }), { allow: ["10.0.0.2"] }), "allow must be set only once, got one list for the publication and another list for the directory or mail service in it [Publication.directory]"],
  [() => BorderMode.tcp(untyped({ healthCheck: 1 })), 'options must be an object of known keys, got the unknown key "healthCheck": its keys are idleTimeout, redirectToHttps, rootCas [BorderMode.tcp]'],
])("BorderAccess, InnerAccess, Publication and BorderMode refuse wrong values", (make, message) => {
  expect(make).toThrow(new Error(message));
});

test.each(INJECTIONS)("a border proxy refuses the text %j as a name, address or protocol, because the text could add a line to a config", (text) => {
  expect(() => borderStack({ border: { ...BY_ADDRESS, clientNames: [text] } })).toThrow("clientNames[0] must be a DNS name");
  expect(() => borderStack({ border: { ...BY_ADDRESS, innerAddresses: [text] } })).toThrow("innerAddresses[0] must be");
  expect(() => borderStack({ border: { publish: [Publication.outlook({ allow: [text] })] } })).toThrow("publish[0].allow[0] must be");
  expect(() => borderStack({ inside: { balancer: { border: BorderAccess.from({ addresses: [text] }) } } })).toThrow("border.addresses[0] must be");
  expect(() => borderStack({ inside: { balancer: { border: BorderAccess.from({ addresses: ["192.0.2.11"], mailPorts: { [text]: 8025 } }) } } })).toThrow("border.mailPorts' name must be");
});

/** The text of a file on one host of this test case. The file's path ends with `name`. */
function file(site: BorderCase, name: string, host: string = BORDER_HOSTS[0]): string {
  const found = hostFiles(synth(borderStack(site).stack)).find((one) => one.host === host)?.files.find(({ path }) => path.endsWith(name));
  if (found === undefined) throw new Error(`no ${name} on ${host}`);
  return found.content;
}

const allFiles = (text: string): string[] => hostFiles(text).flatMap(({ files }) => files.map(({ content }) => content));

const warningsOf = (site: BorderCase): string[] => {
  const { border } = borderStack(site);
  return border.master.node.metadata.filter(({ type }) => type === "@cdktf/warn").map(({ data }) => String(data));
};

describe("a border proxy with tokens as values", () => {
  const tokens = (border: (stack: TerraformStack, inner: ExchangeBalancer) => Partial<BorderProxyProps>, inside?: Case["balancer"]): string =>
    synth(borderStack({ inside: { balancer: inside }, border }).stack);

  test("if values are tokens, a border proxy's files contain Terraform expressions, and its preconditions have the messages that synthesis gives for wrong literals", () => {
    const text = tokens((stack) => ({
      innerAddresses: [variable(stack, "vip")],
      clientNames: [variable(stack, "name")],
      publish: [Publication.hybrid({ networks: [variable(stack, "network")] }), Publication.smtp({ edgeServers: [variable(stack, "edge")] })],
    }));
    for (const line of ["server inner1 ${var.vip}:8443", "server edge1 ${var.edge}:25", "acl published_name var(txn.name) -m str -i ${var.name}"]) {
      expect(allFiles(text).some((one) => one.includes(line))).toBe(true);
    }
    for (const message of [
      `innerAddresses[0] must be ${OTHER_HOST} [Stack/Border]`,
      `publish[0].networks[0] must be ${NETWORK} [Stack/Border/Master]`,
      `publish[1].edgeServers[0] must be ${OTHER_HOST} [Stack/Border]`,
    ]) expect([message, text.includes(message)]).toEqual([message, true]);
  });

  test("the border proxy uses the inner pair's virtual address without the prefix length, even if the address is a token", () => {
    const virtualAddresses = ["10.12.8.15/24"];
    expect(file({ inside: { balancer: { virtualAddresses } } }, "haproxy.cfg")).toContain("server inner1 10.12.8.15:8443 ");
    const text = tokens(() => ({}), (stack) => ({ border: BorderAccess.from({ addresses: [variable(stack, "border")] }), virtualAddresses: [variable(stack, "vip")] }));
    expect(allFiles(text).some((one) => one.includes('server inner1 ${element(split("/", var.vip), 0)}:8443 '))).toBe(true);
    expect(text.includes("border.addresses[0] must be a unicast IPv4 or IPv6 address")).toBe(true);
  });
});

describe("the inner balancers and the border proxy in front of them", () => {
  test("the inner balancers accept border proxies on the additional ports 8443 and 8025, and the ports 443 and 25 for clients do not change", () => {
    const lines = (border: BorderAccess | undefined): string[] => hostFiles(synth(balancerStack({ balancer: { border } }).stack))[0]?.files.find(({ path }) => path.endsWith("haproxy.cfg"))?.content.split("\n") ?? [];
    const [before, after] = [lines(undefined), lines(BorderAccess.from({ addresses: ["192.0.2.11"] }))];
    // One line goes for another: the border proxy's own checks are no clients. (What the limits count changes, too, but for IMAP.)
    expect(before.filter((line) => !after.includes(line))).toEqual(["    tcp-request content reject if !smtp_networks"]);
    expect(after.filter((line) => line.includes("bind "))).toEqual([
      "    bind *:80",
      "    bind *:443 ssl crt /etc/haproxy/exch.pem alpn http/1.1",
      "    bind *:8443 accept-proxy ssl crt /etc/haproxy/exch.pem alpn http/1.1",
      "    bind *:25 name smtp",
      "    bind *:8025 accept-proxy name smtp_border",
      "    bind *:143 name imap",
      expect.stringContaining("bind 0.0.0.0:8405"),
    ]);
  });

  test("the manifest of an inner balancer opens ports 8443 and 8025 in the firewall only for the border proxies", () => {
    const text = synth(balancerStack({ balancer: { border: BorderAccess.from({ addresses: ["192.0.2.11", "2001:db8::11"] }) } }).stack);
    for (const line of ["open tcp 8443 from 192.0.2.11", "open tcp 8443 from 2001:db8::11", "open tcp 8025 from 192.0.2.11", "listen 8443", "listen 8025"]) expect(text).toContain(line);
    expect(text).not.toMatch(/open tcp 8443(\\n|")/);
  });

  test("border proxies are deployed after the inner balancers, and the backup border proxy before the master border proxy", () => {
    const { stack, border } = borderStack();
    const parsed = JSON.parse(synth(stack)) as { resource: { null_resource: Record<string, { depends_on?: string[] }> } };
    const waits = (name: string): string[] => Object.entries(parsed.resource.null_resource).find(([key]) => key.startsWith(name))?.[1].depends_on ?? [];
    expect(waits("Border_Backup_Provision").some((one) => one.includes("Mail_Master_Provision"))).toBe(true);
    expect(waits("Border_Master_Provision").some((one) => one.includes("Border_Backup_Provision"))).toBe(true);
    expect(border.deployed).toHaveLength(2);
    const single = borderStack({ border: { backup: undefined, vip: undefined } }).border;
    expect(single.backup).toBeUndefined();
    expect(single.vip).toBeUndefined();
    expect(single.deployed).toHaveLength(1);
  });

  test("without the PROXY protocol, a border proxy uses the inner balancers' ports 443 and 25, and certificate-check compares certificates on port 443", () => {
    const site = { border: { ...BY_ADDRESS, innerAccess: InnerAccess.plain(), publish: [Publication.outlook(), Publication.smtp({ allow: HYBRID })] } };
    expect(file(site, "haproxy.cfg")).toMatch(/server inner1 10\.12\.8\.15:443 weight 100 check /);
    expect(file(site, "haproxy.cfg")).toMatch(/server inner1 10\.12\.8\.15:25 /);
    expect(file(site, "haproxy.cfg")).not.toContain("send-proxy");
    expect(file(site, "certificate-check.conf")).toMatch(/^port 443$/m);
    expect(file({}, "certificate-check.conf")).toMatch(/^port 8443\nproxy v2$/m);
  });

  test("a directory that is published with Publication.directory() keeps the options of its VirtualDirectory", () => {
    const publish = [Publication.outlook(), Publication.directory(VirtualDirectory.mapi({ serverTimeout: Duration.minutes(9) }), { allow: ["198.51.100.0/24"] })];
    expect(file({ border: { publish } }, "haproxy.cfg")).toMatch(/backend be_exch2019_mapi\n(.*\n){1,4} {4}timeout server 9m/);
  });

  test("with Publication.webmail({ root: true }), the path / leads to Outlook on the web", () => {
    expect(file({}, "haproxy.cfg")).not.toMatch(/if \{ path \/ \}|default_backend be_exch2019_owa\n/);
    expect(file({ border: { publish: [Publication.webmail({ root: true })] } }, "haproxy.cfg")).toContain("http-request set-var(txn.directory) str(owa) if { path / }");
  });

  test("with coversMembers: true, a border proxy accepts a certificate that does not contain the addresses of the inner balancers", () => {
    const mode = (stack: TerraformStack): BorderMode => BorderMode.sslBridge({ cert: SslBridgeCert.fromPemFile(stack, "Own", { path: "exch.pem", coversMembers: true }) });
    expect(() => borderStack({ border: (stack, inner) => ({ inner: inner.vip, mode: mode(stack) }) })).not.toThrow();
  });
});

describe("the warnings of a border proxy", () => {
  test.each<[string, BorderCase, string[]]>([
    ["gives no warning if all settings fit together", { inside: { dag: { virtualDirectories: [VirtualDirectory.autodiscover(), VirtualDirectory.mapi()] }, balancer: { allow: { smtp: ["10.8.5.17"] } } }, border: { publish: [Publication.directory(VirtualDirectory.mapi())] } }, []],
    ["warns if it publishes a directory that the inner balancers do not serve", { border: { publish: [Publication.hybrid({ networks: HYBRID })] } }, ["/api (in hybrid) is published, but the inner nodes do not serve this directory. Add the directory to virtualDirectories of the inner nodes' DAG [Stack/Border/Master]"]],
    ["warns if it publishes the Exchange admin center to everyone", { border: { publish: [Publication.directory(VirtualDirectory.ecp())] } }, [
      "ecp is published for everyone, but the inner nodes refuse some of these clients, because the inner nodes' allow list for ecp does not contain all of them [Stack/Border/Master]",
      "/ecp is published without an allow list, so everyone outside may open it [Stack/Border/Master]",
    ]],
    ["warns if it admits a network that is not in the allow list of the inner balancers", { inside: { balancer: { allow: { owa: ["10.0.0.0/8"], ecp: ["10.8.5.0/24"] } } }, border: { publish: [Publication.webmail({ allow: ["10.9.0.0/16", "198.51.100.0/24"] })] } }, [
      "webmail is published for 198.51.100.0/24, but the inner nodes refuse some of these clients, because the inner nodes' allow list for owa does not contain all of them [Stack/Border/Master]",
    ]],
    ["warns if it publishes SMTP without an allow list", { border: { publish: [Publication.outlook(), Publication.smtp()] } }, ["smtp is published without an allow list, so every client can send by SMTP. Without transparentProxy, Exchange cannot restrict clients by address either: Exchange sees the balancer's address for every client [Stack/Border/Master]"]],
    ["warns if its host is not in border.addresses of the inner balancers", { inside: { balancer: { border: BorderAccess.from({ addresses: ["192.0.2.12"] }) } }, border: { publish: [Publication.mobile()] } }, [
      "border.addresses of the inner nodes does not contain 192.0.2.11, so the inner nodes refuse connections from this address. Add the address, or ignore this warning if the border proxy connects from another address [Stack/Border/Master]",
    ]],
    ["gives no warning if it and the inner balancers are in TCP mode", { inside: { balancer: { mode: BalancingMode.tcp(), allow: {} } }, border: TCP }, []],
    ["in TCP mode gives no warning if the inner balancers do not serve /ecp", { inside: { dag: { virtualDirectories: [VirtualDirectory.owa()] }, balancer: { allow: {} } }, border: TCP }, []],
    ["in TCP mode warns if the inner balancers have no allow.ecp", { inside: { balancer: { allow: {} } }, border: TCP }, [
      "all virtual directories of the inner nodes are published, and allow.ecp of the inner nodes is not set. So everyone outside can open the Exchange admin center [Stack/Border/Master]",
    ]],
  ])("a border proxy %s", (_, site, warnings) => {
    expect(warningsOf(site)).toEqual(warnings);
  });
});

test("a border proxy on the host of a balancer is refused", () => {
  expect(() => borderStack({ border: { master: { host: "10.12.8.11", hostKey: HOST_KEY } } })).toThrow("host must be different from the host of Stack/Mail/Master");
  const stack = newStack();
  borderStack({ border: { publish: PUBLISHED() } }, stack);
  expect(stack.node.tryFindChild("Border")?.node.children.map(({ node }) => node.id)).toEqual(["Inner", "Backup", "Master", "Vip"].sort((a, b) => ["Inner", "Master", "Backup", "Vip"].indexOf(a) - ["Inner", "Master", "Backup", "Vip"].indexOf(b)));
});
