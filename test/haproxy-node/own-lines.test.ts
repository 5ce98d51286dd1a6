import { HaproxySectionType, Monitoring } from "cdktf-exchange-balancer";
import { TerraformVariable } from "cdktf";
import { hostFiles } from "cdktf-exchange-balancer/testing";
import { INJECTIONS, refuses, untyped } from "../support/refused";
import { Case, balancerStack, newStack, synth } from "../support/site";

const lines = (haproxyLines: object): Case => ({ balancer: { haproxyLines: untyped(haproxyLines) } });
const keepalived = (keepalivedLines: object): Case => ({ balancer: { keepalivedLines: untyped(keepalivedLines) } });
const LINE = "one line of printable ASCII text without a blank at either end";
const section = (name: string, ...own: string[]): object => ({ sections: [{ type: HaproxySectionType.LISTEN, name, lines: own }] });

refuses([
  ["an unknown key of haproxyLines", lines({ global: ["nbthread 4"] }), 'haproxyLines must be an object of known keys, got the unknown key "global": did you mean globalLines? [Stack/Mail]'],
  ["text where a list of lines is expected", lines({ globalLines: "nbthread 4" }), 'haproxyLines.globalLines must be a list whose length is known at synthesis; its entries may be tokens, got "nbthread 4" [Stack/Mail]'],
  ["an entry with two lines", lines({ globalLines: ["nbthread 4\nuser root"] }), `haproxyLines.globalLines[0] must be ${LINE}, got "nbthread 4\\nuser root" [Stack/Mail/Master]`],
  ["lines for a frontend that does not exist", lines({ frontends: { fe_exch2019_pop3: ["option contstats"] } }), "haproxyLines.frontends' name must be one of fe_exch2019, fe_exch2019_smtp, fe_exch2019_imap, got \"fe_exch2019_pop3\" [Stack/Mail/Master]"],
  ["lines for the pair's frontend", lines({ frontends: { fe_pair: ["option contstats"] } }), "haproxyLines.frontends' name must be one of fe_exch2019, fe_exch2019_smtp, fe_exch2019_imap, got \"fe_pair\" [Stack/Mail/Master]"],
  ["text where a list of a frontend's lines is expected", lines({ frontends: { fe_exch2019: "option contstats" } }), 'haproxyLines.frontends.fe_exch2019 must be a list whose length is known at synthesis; its entries may be tokens, got "option contstats" [Stack/Mail]'],
  ["an ACL with a name of the library", lines({ frontends: { fe_exch2019: ["acl admins_network src 0.0.0.0/0"] } }), 'haproxyLines.frontends["fe_exch2019"][0] must be left out: admins_network is an ACL of this library, and a further line for this ACL could let more clients through, got "acl admins_network src 0.0.0.0/0" [Stack/Mail/Master]'],
  ["an ACL with the name of the library's mail list", lines({ frontends: { fe_exch2019_smtp: ["option contstats", "acl smtp_networks src 0.0.0.0/0"] } }), 'haproxyLines.frontends["fe_exch2019_smtp"][1] must be left out: smtp_networks is an ACL of this library, and a further line for this ACL could let more clients through, got "acl smtp_networks src 0.0.0.0/0" [Stack/Mail/Master]'],
  ["a section with a name of the library", lines(section("be_exch2019_owa")), 'haproxyLines.sections[0].name must be a name that this library does not use (it uses fe_…, be_exch2019…, dns, syslog), got "be_exch2019_owa" [Stack/Mail/Master]'],
  ["a section with a name of two words", lines(section("a b")), 'haproxyLines.sections[0].name must be a letter or digit followed by up to 62 letters, digits, dots, dashes or underscores, got "a b" [Stack/Mail/Master]'],
  ["a section of an unknown kind", lines({ sections: [{ type: "program", name: "x", lines: [] }] }), 'haproxyLines.sections[0].type must be one of backend, frontend, listen, cache, peers, mailers, userlist, resolvers, ring, http-errors, got "program" [Stack/Mail]'],
  ["two sections with the same name", lines({ sections: [{ type: "cache", name: "x", lines: [] }, { type: "peers", name: "x", lines: [] }] }), "haproxyLines.sections' name must be different for each entry, got x twice [Stack/Mail/Master]"],
  ["a bind on the pair's port", lines(section("x", "bind :8405")), 'haproxyLines.sections[0].lines[0] must be left out: port 8405 is already in use on this host, got "bind :8405" [Stack/Mail/Master]'],
  ["a bind on ssh's port", lines(section("x", "bind 10.12.8.15:22")), 'haproxyLines.sections[0].lines[0] must be left out: port 22 is already in use on this host, got "bind 10.12.8.15:22" [Stack/Mail/Master]'],
  [
    "a bind on the metrics port",
    { balancer: { monitoring: Monitoring.prometheus({ allow: ["10.8.5.9"] }), haproxyLines: untyped(section("x", "bind :9101")) } },
    'haproxyLines.sections[0].lines[0] must be left out: port 9101 is already in use on this host, got "bind :9101" [Stack/Mail/Master]',
  ],
  ["an unknown key of keepalivedLines", keepalived({ global_defs: [] }), 'keepalivedLines must be an object of known keys, got the unknown key "global_defs": did you mean globalDefs? [Stack/Mail]'],
  ["a keepalivedLines entry with two lines", keepalived({ instances: ["smtp_alert\nstate MASTER"] }), `keepalivedLines.instances[0] must be ${LINE}, got "smtp_alert\\nstate MASTER" [Stack/Mail/Vip]`],
  ["a keepalived line with state", keepalived({ instances: ["smtp_alert", "state MASTER"] }), 'keepalivedLines.instances[1] must be left out: the failover of this library depends on this keyword, got "state MASTER" [Stack/Mail/Vip]'],
]);

test("a user's own line is refused if the line is a token, because synthesis cannot check it", () => {
  const stack = newStack();
  const token = new TerraformVariable(stack, "line", { type: "string" }).stringValue;
  expect(() => balancerStack(lines({ globalLines: [token] }), stack)).toThrow(`haproxyLines.globalLines[0] must be ${LINE}, known at synthesis, got a token [Stack/Mail/Master]`);
});

describe.each(INJECTIONS.filter((text) => !["a b", 'a"b', "a'b", "a;b", "a$(id)b", "a`id`b", "%{ if true }", "${a}", "-a", "a#b", "a\\b"].includes(text)))("the dangerous text %j as a user's own line", (text) => {
  test("a dangerous text is refused as a user's own line in every section", () => {
    for (const site of [lines({ globalLines: [text] }), lines({ frontends: { fe_exch2019: [text] } }), lines(section("x", text)), keepalived({ globalDefs: [text] }), keepalived({ sections: [text] })]) {
      expect(() => balancerStack(site)).toThrow(/must be one line of printable ASCII text/);
    }
  });
});

test("a user's own line with special characters of Terraform or a shell reaches the host unchanged", () => {
  const line = "http-request set-header X '${file(\"/etc/passwd\")} %{ if true } `id` $(id)' if { src 10.0.0.1 }";
  const { stack } = balancerStack(lines({ frontends: { fe_exch2019: [line] } }));
  const cfg = hostFiles(synth(stack))[0]?.files.find(({ path }) => path.endsWith("/haproxy.cfg"))?.content ?? "";
  expect(cfg.split("\n").filter((one) => one.includes("passwd"))).toEqual([`#   frontend fe_exch2019: ${line}`, `    ${line}`]);
});

test("haproxy.cfg and keepalived.conf have no comment about own lines if the user has no own lines", () => {
  const files = hostFiles(synth(balancerStack().stack))[0]?.files ?? [];
  for (const { content } of files.filter(({ path }) => /(haproxy.cfg|keepalived.conf)$/.test(path))) expect(content).not.toContain("your own");
});
