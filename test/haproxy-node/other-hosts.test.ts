import { BalancingMode, OtherHost, SslBridgeCert } from "cdktf-exchange-balancer";
import { TerraformVariable } from "cdktf";
import { hostFiles } from "cdktf-exchange-balancer/testing";
import { INJECTIONS, refuses, untyped } from "../support/refused";
import { Case, articleBridge, balancerStack, newStack, synth } from "../support/site";
import { MASTER, nullResource } from "../support/synthesized";

const PORTAL: OtherHost = { name: "portal", hostNames: ["portal.mydomain.local"], servers: ["10.12.8.41"] };
const hosts = (...otherHosts: object[]): Case => ({ balancer: { otherHosts: untyped(otherHosts) } });
const tcp = (change: object): Case => ({ balancer: { mode: BalancingMode.tcp(), otherHosts: untyped([{ ...PORTAL, ...change }]) } });
const WHERE = "[Stack/Mail/Master]";
const ROLE = "a word of at most 20 lower-case letters, digits and dashes that begins with a letter, such as relay";

refuses([
  ["a host without a name", hosts({ ...PORTAL, name: "" }), `otherHosts[0].name must be ${ROLE}, got "" ${WHERE}`],
  ["two hosts with the same name", hosts(PORTAL, { ...PORTAL, hostNames: ["x.local"] }), `otherHosts' name must be different for each entry, got portal twice ${WHERE}`],
  ["a host name that is also one of Exchange's names, in another case", hosts({ ...PORTAL, hostNames: ["MAIL.mydomain.local"] }), `clientNames of the dag and hostNames of otherHosts must be different for each entry, got MAIL.mydomain.local twice ${WHERE}`],
  ["the same host name twice", hosts(PORTAL, { ...PORTAL, name: "two" }), `clientNames of the dag and hostNames of otherHosts must be different for each entry, got portal.mydomain.local twice ${WHERE}`],
  ["an empty list of host names", hosts({ ...PORTAL, hostNames: [] }), `otherHosts[0].hostNames must be 1 to 20 DNS names, got none ${WHERE}`],
  ["an empty list of servers", hosts({ ...PORTAL, servers: [] }), `otherHosts[0].servers must be 1 to 16 servers, got none ${WHERE}`],
  ["a server that is the balancer", hosts({ ...PORTAL, servers: ["10.12.8.11"] }), `otherHosts[0].servers[0] must be different from the node's own host, got "10.12.8.11" ${WHERE}`],
  ["a server that is a virtual address", hosts({ ...PORTAL, servers: ["10.12.8.41", "10.12.8.15"] }), `virtualAddresses[0] must be different from otherHosts[0].servers[1], got "10.12.8.15" [Stack/Mail/Vip]`],
  ["a list of servers with an empty slot", hosts({ ...PORTAL, servers: [, "10.12.8.41"] }), `otherHosts[0].servers[0] must be an entry, got undefined ${WHERE}`], // eslint-disable-line no-sparse-arrays
  ["a list of host names with an empty slot", hosts({ ...PORTAL, hostNames: ["a.local", , "b.local"] }), `otherHosts[0].hostNames[1] must be an entry, got undefined ${WHERE}`], // eslint-disable-line no-sparse-arrays
  ["a health page that is a symbol", hosts({ ...PORTAL, healthPath: Symbol("x") }), `otherHosts[0].healthPath must be a path such as /owa/healthcheck.htm, got a symbol ${WHERE}`],
  ...(["127.0.0.1", "localhost:80"] as const).map((self) => [`an ACME responder that is HAProxy itself, ${self}`, { balancer: { acmeResponder: self } }, `acmeResponder must be a server other than port 80 of loopback, because HAProxy itself listens there, got "${self}" ${WHERE}`] as const),
  ["an ACME responder that is the node itself", { balancer: { acmeResponder: "10.12.8.11" } }, `acmeResponder must be different from port 80 of the node's own host (HAProxy itself listens there), got "10.12.8.11:80" ${WHERE}`],
  ["an ACME responder that is a virtual address", { balancer: { acmeResponder: "10.12.8.15:80", virtualAddresses: ["10.12.8.15/24"] } }, `acmeResponder must be different from port 80 of virtualAddresses[0] (HAProxy itself listens there), got "10.12.8.15:80" [Stack/Mail/Vip]`],
  ...(["5", "10.12.8.300", "10.1:80", "0x7f000001", "224.0.0.1", "a..b"] as const).map((none) => [`an ACME responder that is not a host, ${none}`, { balancer: { acmeResponder: none } }, `acmeResponder must be a DNS name or IPv4 address with a port, such as 10.12.8.40:80 (port 80 may be left out, but not in a token), got "${none}" ${WHERE}`] as const),
  ["a server with a port", hosts({ ...PORTAL, servers: ["10.12.8.41:80"] }), `otherHosts[0].servers[0] must be a DNS name or a unicast IP address, not loopback or link-local, without leading zeros, got "10.12.8.41:80" ${WHERE}`],
  ["port 0", hosts({ ...PORTAL, port: 0 }), `otherHosts[0].port must be an integer from 1 to 65535, got 0 ${WHERE}`],
  ["a health page that is not a path", hosts({ ...PORTAL, healthPath: "/a b" }), `otherHosts[0].healthPath must be a path such as /owa/healthcheck.htm, got "/a b" ${WHERE}`],
  ["an empty allow list", hosts({ ...PORTAL, allow: [] }), `otherHosts[0].allow must be a list with at least one entry (an empty list would refuse everyone; to admit everyone, leave the prop out), got none ${WHERE}`],
  ["a prop name in snake_case", hosts({ ...PORTAL, host_names: [] }), `otherHosts[0] must be an object of known keys, got the unknown key "host_names": did you mean hostNames? [Stack/Mail]`],
  ["the path of a certificate where an SslBridgeCert is expected", hosts({ ...PORTAL, cert: "portal.pem" }), `otherHosts[0].cert must be an SslBridgeCert, such as SslBridgeCert.fromPemFile(this, "Portal", { path: "portal.pem" }), got "portal.pem" [Stack/Mail]`],
  ["verifyName together with tls: false", hosts({ ...PORTAL, tls: false, verifyName: "a.local" }), `otherHosts[0].verifyName must be left out if tls is false, because the servers then present no certificate ${WHERE}`],
  ...(["tls", "verifyName", "healthPath"] as const).map((prop) => [
    `${prop} in TCP mode`, tcp({ [prop]: prop === "tls" ? true : prop === "healthPath" ? "/x" : "a.local" }), `otherHosts[0].${prop} must be left out in TCP mode, because HAProxy does not decrypt TLS in this mode ${WHERE}`] as const),
  ["an ACME responder with a blank", { balancer: { acmeResponder: "10.12.8.40:80 check" } }, `acmeResponder must be a DNS name or IPv4 address with a port, such as 10.12.8.40:80 (port 80 may be left out, but not in a token), got "10.12.8.40:80 check" ${WHERE}`],
  ["an ACME responder on a node that does not listen on port 80", { balancer: { mode: BalancingMode.tcp({ redirectToHttps: false }), acmeResponder: "10.12.8.40" } }, `redirectToHttps must be true if acmeResponder is set, because ACME challenges arrive on port 80, got false ${WHERE}`],
]);

describe.each(INJECTIONS)("the dangerous text %j as a value of OtherHost", (text) => {
  test("the props name, hostNames, servers, verifyName and allow of an OtherHost, and the balancer's prop acmeResponder, refuse a dangerous text", () => {
    for (const site of [hosts({ ...PORTAL, name: text }), hosts({ ...PORTAL, hostNames: [text] }), hosts({ ...PORTAL, servers: [text] }), hosts({ ...PORTAL, verifyName: text }), hosts({ ...PORTAL, allow: [text] }), { balancer: { acmeResponder: text } }]) {
      expect(() => balancerStack(site)).toThrow(/must be .*, got /s);
    }
  });
});

test("names, servers and allow lists of an OtherHost may be tokens, and Terraform checks these values", () => {
  const stack = newStack();
  const text = (name: string): string => new TerraformVariable(stack, name, { type: "string" }).stringValue;
  balancerStack({ balancer: { mode: articleBridge(stack), otherHosts: [{ name: "portal", hostNames: [text("name")], servers: [text("server")], allow: [text("network")] }], acmeResponder: text("acme") } }, stack);
  const messages = nullResource(stack, MASTER).lifecycle.precondition?.map(({ error_message: message }) => message) ?? [];
  for (const prop of ["otherHosts[0].hostNames[0]", "otherHosts[0].servers[0]", "otherHosts[0].allow[0]", "acmeResponder"]) expect(messages.filter((message) => message.startsWith(`${prop} must be `)).length).toBeGreaterThan(0);
  const cfg = hostFiles(synth(stack))[0]?.files.find(({ path }) => path.endsWith("/haproxy.cfg"))?.content ?? "";
  expect(cfg).toContain("-m str -i ${var.name} }");
  expect(cfg).toContain("server portal1 ${var.server}:443 ");
  expect(cfg).toContain("server acme ${var.acme}\n");
});

test("clients that connect to the names of an OtherHost get this host's certificate, which is not compared with the members' certificates", () => {
  const { stack } = balancerStack({ balancer: (within) => ({ mode: articleBridge(within), otherHosts: [{ ...PORTAL, cert: SslBridgeCert.fromPemFile(within, "Portal", { path: "portal.pem" }) }] }) });
  const files = hostFiles(synth(stack))[0]?.files ?? [];
  expect(files.find(({ path }) => path.endsWith("exch.crt-list"))?.content).toBe("/etc/haproxy/exch.pem mail.mydomain.local autodiscover.mydomain.local\n/etc/haproxy/other-portal.pem portal.mydomain.local\n");
  expect(files.find(({ path }) => path.endsWith("other-portal.pem"))).toMatchObject({ mode: "0600", secret: true });
  const check = files.find(({ path }) => path.endsWith("certificate-check.conf"))?.content ?? "";
  expect(check.split("\n").filter((line) => line.includes("portal"))).toEqual([
    "present portal.mydomain.local /etc/haproxy/other-portal.pem 30 other",
    "server portal 10.12.8.41 443 portal.mydomain.local",
  ]);
});

test("haproxy.cfg of a site without other hosts has no lines for other hosts", () => {
  for (const mode of [undefined, BalancingMode.tcp()]) {
    const cfg = hostFiles(synth(balancerStack({ balancer: mode === undefined ? {} : { mode } }).stack))[0]?.files.find(({ path }) => path.endsWith("/haproxy.cfg"))?.content ?? "";
    expect(cfg).not.toMatch(/elsewhere|be_other|acme/);
  }
});
