import { BalancingMode, MailProtocol, SslBridgeCert, VirtualDirectory } from "cdktf-exchange-balancer";
import { hostFiles } from "cdktf-exchange-balancer/testing";
import { refuses } from "../support/refused";
import { Case, balancerStack, newStack, synth } from "../support/site";
import { MASTER, nullResource } from "../support/synthesized";
import { TerraformVariable, Token } from "cdktf";

const lists = (site: Case): Record<string, string> => {
  const files = hostFiles(synth(balancerStack(site).stack)).find(({ host }) => host === "10.12.8.11")?.files ?? [];
  return Object.fromEntries(files.flatMap(({ path, content }) => {
    const [, name] = /haproxy_(.+)_whitelist[.]lst$/.exec(path) ?? [];
    return name === undefined ? [] : [[name, content]];
  }));
};

const cfg = (site: Case): string =>
  hostFiles(synth(balancerStack(site).stack))[0]?.files.find(({ path }) => path.endsWith("/haproxy.cfg"))?.content ?? "";

const frontend = (text: string, name: string): string => text.split(/^(?=\w)/m).find((part) => part.startsWith(`frontend ${name}\n`)) ?? "";

test.each(["/ecp", "/ECP", "/Ecp"])("VirtualDirectory.of(%j) gives the same haproxy.cfg as VirtualDirectory.ecp(), including the rule for allow.ecp", (path) => {
  const directories = [VirtualDirectory.of(path), VirtualDirectory.owa()];
  const text = cfg({ dag: { virtualDirectories: directories } });
  expect(text).toContain("    http-request deny if ecp !admins_network\n");
  expect(text).toBe(cfg({ dag: { virtualDirectories: [VirtualDirectory.ecp(), VirtualDirectory.owa()] } }));
});

test.each(["/ECP/", "/ecp/x", "/%65cp", "//ecp", "/ecp ", "ecp", "/owa/", "/ecp\\"])("VirtualDirectory.of() refuses %j, because it is not one plain path segment", (path) => {
  expect(() => VirtualDirectory.of(path)).toThrow(/^path must be one path segment, such as \/api, got /);
});

test("VirtualDirectory.of() with a known directory's path, in upper or lower case, gives the same as this directory's own factory", () => {
  const factories = [
    VirtualDirectory.autodiscover(), VirtualDirectory.mapi(), VirtualDirectory.rpc(), VirtualDirectory.owa(), VirtualDirectory.activeSync(),
    VirtualDirectory.ecp(), VirtualDirectory.ews(), VirtualDirectory.oab(), VirtualDirectory.powerShell(),
  ];
  for (const made of factories) for (const path of [made.path, made.path.toLowerCase(), made.path.toUpperCase()]) expect(VirtualDirectory.of(path)).toEqual(made);
  const options = { healthPath: "/x.htm", allow: ["10.0.0.1"] };
  expect(VirtualDirectory.of("/ews", options)).toEqual(VirtualDirectory.ews(options));
});

test.each<[string, MailProtocol]>([
  ["submission on port 25", MailProtocol.submission({ port: 25, memberPort: 25 })],
  ["submission that uses the members' port 25", MailProtocol.submission({ memberPort: 25 })],
  ["smtp on a port other than 25", MailProtocol.smtp({ port: 2525, memberPort: 2526 })],
  ["smtp with a role", MailProtocol.smtp({ role: "relay" })],
  ["imap that uses the members' port 25", MailProtocol.imap({ memberPort: 25 })],
])("the list allow.smtp applies to every service that could send mail: %s", (_, service) => {
  const site: Case = { dag: { mailProtocols: [service] } };
  expect(lists(site)[service.name]).toBe("10.8.5.17/32\n");
  const text = frontend(cfg(site), `fe_exch2019_${service.name}`);
  expect(text).toMatch(new RegExp(`src -f /etc/haproxy/haproxy_${service.name}_whitelist.lst\n.*\n    tcp-request content reject if !`));
});

test("the allow list of a directory or mail protocol replaces the list in the balancer's prop `allow`", () => {
  const dag: Case["dag"] = {
    mailProtocols: [MailProtocol.smtp({ allow: ["192.0.2.1"] }), MailProtocol.smtp({ port: 2525 }), MailProtocol.imap({ allow: ["192.0.2.2"] }), MailProtocol.pop3()],
    virtualDirectories: [VirtualDirectory.ecp({ allow: ["192.0.2.3"] }), VirtualDirectory.owa(), VirtualDirectory.ews({ allow: ["2001:db8::/32", "192.0.2.4"] })],
  };
  expect(lists({ dag, balancer: { allow: { smtp: ["10.8.5.17"], owa: ["10.0.0.0/8"] } } })).toEqual({
    smtp: "192.0.2.1\n", smtp_2525: "10.8.5.17\n", imap: "192.0.2.2\n", ecp: "192.0.2.3\n", owa: "10.0.0.0/8\n", ews: "2001:db8::/32\n192.0.2.4\n",
  });
});

test("every directory and every mail protocol accepts an allow list", () => {
  const allow = ["192.0.2.1"];
  const mailProtocols = [MailProtocol.smtp({ allow }), MailProtocol.submission({ allow }), MailProtocol.imap({ allow }), MailProtocol.imaps({ allow }), MailProtocol.pop3({ allow }), MailProtocol.pop3s({ allow })];
  const virtualDirectories = ["/Autodiscover", "/mapi", "/rpc", "/owa", "/Microsoft-Server-ActiveSync", "/ecp", "/EWS", "/OAB", "/PowerShell", "/API"].map((path) => VirtualDirectory.of(path, { allow }));
  const text = cfg({ dag: { mailProtocols, virtualDirectories }, balancer: { allow: {} } });
  for (const { name } of mailProtocols) expect(frontend(text, `fe_exch2019_${name}`)).toMatch(/^ {4}tcp-request content reject if !\S+$/m);
  for (const { name } of virtualDirectories) expect(text).toMatch(new RegExp(`^    http-request deny if ${name} !\\S+$`, "m"));
  // Before a request is given to a backend.
  expect(text.lastIndexOf("http-request deny")).toBeLessThan(text.indexOf("use_backend"));
});

test("the allow lists of different directories have different file and ACL names", () => {
  const virtualDirectories = ["/x", "/x_networks", "/allow", "/networks", "/x_whitelist.lst"].map((path, index) => VirtualDirectory.of(path, { allow: [`192.0.2.${index + 1}`] }));
  const site: Case = { dag: { virtualDirectories }, balancer: { allow: { smtp: ["10.0.0.1"] } } };
  const acls = [...cfg(site).matchAll(/^ {4}acl (\S+) /gm)].map(([, name = ""]) => name).filter((name) => name.includes("dir_"));
  expect(new Set(acls).size).toBe(10);
  expect(Object.keys(lists(site))).toHaveLength(6);
});

test("an allow list may be a token or contain tokens, and Terraform checks the list with the same error messages as synthesis", () => {
  const stack = newStack();
  const entry = new TerraformVariable(stack, "relay", { type: "string" }).stringValue;
  const whole = new TerraformVariable(stack, "networks", { type: "list(string)" }).listValue;
  balancerStack({
    dag: { mailProtocols: [MailProtocol.smtp({ allow: [entry] })], virtualDirectories: [VirtualDirectory.ecp(), VirtualDirectory.owa(), VirtualDirectory.ews({ allow: whole })] },
    balancer: { allow: { ecp: ["10.0.0.1"] } },
  }, stack);
  const { lifecycle } = nullResource(stack, MASTER);
  const messages = lifecycle.precondition?.map(({ error_message: message }) => message) ?? [];
  const network = "an IP address, such as 10.8.5.17, or a CIDR network that is written with its first address, such as 10.8.5.0/24";
  expect(messages).toEqual(expect.arrayContaining([
    `mailProtocols[0].allow[0] must be ${network} [Stack/Dag]`,
    `virtualDirectories[2].allow must be a list of at least one entry, each ${network} [Stack/Dag]`,
  ]));
  const files = hostFiles(synth(stack))[0]?.files ?? [];
  expect(files.find(({ path }) => path.includes("_smtp_whitelist"))?.content).toBe("${var.relay}\n");
  expect(files.find(({ path }) => path.includes("_ews_whitelist"))?.content).toContain("join(\"\\n\", var.networks)");
});

test("if the address of a mail service is a token, Terraform checks that this address is one of the virtual addresses", () => {
  const stack = newStack();
  const address = new TerraformVariable(stack, "second", { type: "string" }).stringValue;
  balancerStack({ dag: { mailProtocols: [MailProtocol.smtp(), MailProtocol.smtp({ address, role: "relay" })] }, balancer: { virtualAddresses: ["10.12.8.15", "10.12.8.16"] } }, stack);
  const messages = nullResource(stack, MASTER).lifecycle.precondition?.map(({ error_message: message }) => message) ?? [];
  expect(messages.filter((message) => message.includes("mailProtocols[1].address"))).toEqual([
    "mailProtocols[1].address must be an IPv4 or IPv6 address of the balancers, without prefix length, not loopback or link-local [Stack/Dag]",
    "mailProtocols[1].address of the dag must be one of the virtual addresses (10.12.8.15, 10.12.8.16) [Stack/Mail/Vip]",
  ]);
});

const tcp = BalancingMode.tcp();
const bridge = (stack: Parameters<typeof SslBridgeCert.fromPemFile>[0]): BalancingMode => BalancingMode.sslBridge({ cert: SslBridgeCert.fromPemFile(stack, "Cert", { path: "exch.pem" }) });
const TCP = "in TCP mode, HAProxy cannot see paths, so it cannot protect a directory. Use BalancingMode.sslBridge() [Stack/Mail/Master]";

refuses([
  ["allow.ecp in TCP mode", { balancer: { mode: tcp, allow: { ecp: ["10.0.0.1"] } } }, `allow.ecp must be left out, because it would have no effect: ${TCP}`],
  ["allow.owa in TCP mode", { balancer: { mode: tcp, allow: { owa: ["10.0.0.1"] } } }, `allow.owa must be left out, because it would have no effect: ${TCP}`],
  [
    "a directory's own list in TCP mode",
    { dag: { virtualDirectories: [VirtualDirectory.owa(), VirtualDirectory.ews({ allow: ["10.0.0.1"] })] }, balancer: { mode: tcp } },
    `virtualDirectories[1].allow of the dag must be left out, because it would have no effect: ${TCP}`,
  ],
  [
    "allow.owa without a directory /owa",
    { dag: { virtualDirectories: [VirtualDirectory.ecp(), VirtualDirectory.of("/owa2")] }, balancer: (stack) => ({ mode: bridge(stack) }) },
    "allow.owa must be left out, because it would have no effect: /owa is not among the dag's virtualDirectories [Stack/Mail/Master]",
  ],
  [
    "allow.ecp if /ecp has its own list",
    { dag: { virtualDirectories: [VirtualDirectory.owa(), VirtualDirectory.of("/ECP", { allow: ["10.0.0.1"] })] } },
    "allow.ecp must be left out, because it would have no effect: /ecp has its own allow list in the dag's virtualDirectories [Stack/Mail/Master]",
  ],
  [
    "allow.smtp without an SMTP service",
    { dag: { mailProtocols: [MailProtocol.imap(), MailProtocol.submission()] } },
    "allow.smtp must be left out, because it would have no effect: none of the dag's mailProtocols is SMTP [Stack/Mail/Master]",
  ],
  [
    "allow.smtp if each SMTP service has its own list",
    { dag: { mailProtocols: [MailProtocol.smtp({ allow: Token.asList("${var.l}") })] } },
    "allow.smtp must be left out, because it would have no effect: each SMTP service among the dag's mailProtocols has its own allow list [Stack/Mail/Master]",
  ],
  [
    "a service on an address that the pair does not hold",
    { dag: { mailProtocols: [MailProtocol.smtp(), MailProtocol.imap({ address: "10.12.8.16" })] } },
    'mailProtocols[1].address of the dag must be one of the virtual addresses (10.12.8.15), got "10.12.8.16" [Stack/Mail/Vip]',
  ],
]);

test("several SMTP services have separate frontends and backends in haproxy.cfg, and use separate ports of the members", () => {
  const site: Case = {
    dag: { mailProtocols: [MailProtocol.smtp(), MailProtocol.smtp({ port: 2525, memberPort: 2526 }), MailProtocol.smtp({ role: "relay", address: "10.12.8.16", memberPort: 2527 })] },
    balancer: { virtualAddresses: ["10.12.8.15", "10.12.8.16"] },
  };
  const text = cfg(site);
  expect([...text.matchAll(/^(frontend|backend) (\S+_smtp\S*)$/gm)].map(([line]) => line)).toEqual([
    "frontend fe_exch2019_smtp", "frontend fe_exch2019_smtp_2525", "frontend fe_exch2019_smtp_relay", "backend be_exch2019_smtp", "backend be_exch2019_smtp_2525", "backend be_exch2019_smtp_relay",
  ]);
  expect([...text.matchAll(/^ {4}bind (.*name smtp.*)$/gm)].map(([, bind]) => bind)).toEqual(["*:25 name smtp", "*:2525 name smtp_2525", "10.12.8.16:25 transparent name smtp_relay"]);
  for (const [name, port] of [["smtp", 25], ["smtp_2525", 2526], ["smtp_relay", 2527]]) {
    expect(text.split(/^(?=\w)/m).find((part) => part.startsWith(`backend be_exch2019_${name}\n`))).toContain(`server exch01 exch01.mydomain.local:${port} `);
  }
  // A further service renames none of the others.
  expect(cfg({ ...site, dag: { mailProtocols: [MailProtocol.smtp()] } })).toContain("frontend fe_exch2019_smtp\n");
});

test("the manifest opens each port once in the firewall, and lists each port once among the ports that must listen after a deploy", () => {
  const { stack } = balancerStack({
    dag: { mailProtocols: [MailProtocol.smtp(), MailProtocol.smtp({ role: "relay", address: "10.12.8.16" }), MailProtocol.imap({ port: 2525 })] },
    balancer: { virtualAddresses: ["10.12.8.15", "10.12.8.16"] },
  });
  const manifest = Object.values(nullResource(stack, MASTER).triggers).find((text) => text.startsWith("format ")) ?? "";
  const lines = (word: string): string[] => manifest.split("\n").filter((line) => line.startsWith(word));
  expect(lines("open tcp")).toEqual(["open tcp 80", "open tcp 443", "open tcp 25", "open tcp 2525", "open tcp 8405 from 10.12.8.12"]);
  expect(lines("listen")).toEqual(["listen 80", "listen 443", "listen 25", "listen 2525", "listen 8404", "listen 8405"]);
});
