import { renderHaproxyCfg } from "../../lib/haproxy/render";
import { TransparentModel } from "../../lib/haproxy/transparent";
import { BRIDGE, SMTP, TCP, model } from "../support/haproxy-model";

// Who connects to the members from the clients' addresses. That Exchange sees them: test/lab/guards-transparent.lab.ts.

const SOURCE = "source 0.0.0.0 usesrc clientip";
const SOURCE6 = "source [::] usesrc clientip";
const IPV4: TransparentModel = { ipv6Hosts: [] };
const BOTH: TransparentModel = { ipv6Hosts: ["2001:db8::21"] };

/** Renders haproxy.cfg with this change, and maps the first line of each section to the section's other lines. */
function sections(change: Parameters<typeof model>[1]): Map<string, string> {
  const cfg = renderHaproxyCfg(model("3.0", { mail: [SMTP], ...change }));
  return new Map([...cfg.matchAll(/^(\w+(?: \S+)?)\n((?:(?: .*)?\n)*)/gm)].map(([, head = "", body = ""]) => [head, body]));
}

const saying = (change: Parameters<typeof model>[1], line: string): string[] =>
  [...sections(change)].filter(([, body]) => body.split("\n").some((each) => each.trim() === line)).map(([head]) => head);

test.each([["SSL bridging", BRIDGE], ["TCP mode", TCP]])("with transparentProxy and %s, HAProxy connects from the client's address in every Exchange backend, and in no other backend", (_, https) => {
  const backends = [...sections({ https }).keys()].filter((head) => head.startsWith("backend be_exch2019"));
  expect(backends.length).toBeGreaterThan(1);
  expect(saying({ https, transparent: IPV4 }, SOURCE)).toEqual(backends);
  expect(saying({ https, transparent: IPV4 }, SOURCE6)).toEqual([]);
  expect(saying({ https }, SOURCE)).toEqual([]);
});

test("with transparentProxy, connections to other hosts and to the ACME responder come from the node's own address", () => {
  const portal = { name: "portal", hostNames: ["portal.lab.test"], servers: ["10.0.0.9"], port: 443, verifyName: "portal.lab.test", balance: "roundrobin" } as const;
  const cfg = sections({ transparent: BOTH, acme: { address: "10.0.0.8:80" }, otherHosts: [portal] });
  const others = [...cfg].filter(([head]) => head.startsWith("backend ") && !head.startsWith("backend be_exch2019"));
  expect(others.map(([head]) => head)).toEqual(expect.arrayContaining(["backend be_acme"]));
  expect(others).toHaveLength(2);
  for (const [, body] of others) expect(body).not.toContain("usesrc");
});

test.each([["SSL bridging", BRIDGE], ["TCP mode", TCP]])("with transparentProxy and %s, each rule that chooses a backend sends IPv6 clients to the members' IPv6 addresses", (_, https) => {
  const cfg = sections({ https, transparent: BOTH });
  const ipv4 = [...cfg.keys()].filter((head) => /^backend be_exch2019.*(?<!_ipv6)$/.test(head));
  expect(saying({ https, transparent: BOTH }, SOURCE)).toEqual(ipv4);
  expect(saying({ https, transparent: BOTH }, SOURCE6)).toEqual(ipv4.map((head) => `${head}_ipv6`));
  for (const head of ipv4) {
    expect(cfg.get(head)).toContain(" 127.0.0.1:");
    expect(cfg.get(`${head}_ipv6`)).toMatch(/ (\[2001:db8::21\]|2001:db8::21):\d+ /);
    expect(cfg.get(`${head}_ipv6`)).not.toContain("127.0.0.1");
  }
  // Each choice of a backend has the IPv6 one right before it.
  const choices = [...cfg.values()].flatMap((body) => body.split("\n")).map((line) => line.trim()).filter((line) => /^(use|default)_backend be_exch2019/.test(line));
  expect(choices.length % 2).toBe(0);
  choices.forEach((line, index) => {
    if (index % 2 === 1) return;
    const [, backend = ""] = /^use_backend (\S+)_ipv6 if (?:.* )?!from_ipv4$/.exec(line) ?? [];
    expect(choices[index + 1]).toMatch(new RegExp(`^(use_backend ${backend} if |default_backend ${backend}$)`));
  });
});

test("HAProxy keeps the capability cap_net_admin only with transparentProxy", () => {
  expect(sections({ transparent: IPV4 }).get("global")).toContain("    setcap      cap_net_admin\n");
  expect(sections({}).get("global")).not.toContain("setcap");
});
