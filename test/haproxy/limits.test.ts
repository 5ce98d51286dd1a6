import { BalancingMode } from "cdktf-exchange-balancer";
import { hostFiles } from "cdktf-exchange-balancer/testing";
import { Case, balancerStack, synth } from "../support/site";

const frontends = (balancer: Case["balancer"]): readonly string[] => {
  const cfg = hostFiles(synth(balancerStack({ balancer }).stack))[0]?.files.find(({ path }) => path.endsWith("haproxy.cfg"))?.content ?? "";
  return cfg.split(/^(?=frontend |backend )/m).filter((part) => /^frontend (?!fe_pair\n)/.test(part));
};

// Run on HAProxy 2.6: a table of type ip lets IPv6 clients pass, one of type ipv6 holds both, IPv4 as ::ffff:a.b.c.d.
test("limits apply to IPv4 and IPv6 clients on every frontend, including port 80 in TCP mode", () => {
  for (const mode of [BalancingMode.tcp(), undefined]) {
    const all = frontends({ ...(mode === undefined ? {} : { mode }), virtualIpv6Addresses: ["2001:db8::15"], limits: { connections: 5, connectionsPer10s: 7 } });
    expect(all).toHaveLength(mode === undefined ? 3 : 4);
    for (const frontend of all) {
      expect(frontend).toContain("    stick-table type ipv6 size 100k expire 30s store conn_cur,conn_rate(10s)\n    tcp-request connection track-sc0 src,ipmask(32,64)\n");
      expect(frontend).toContain("    tcp-request connection reject if { sc0_conn_cur gt 5 }\n    tcp-request connection reject if { sc0_conn_rate gt 7 }\n");
      // HAProxy warns of a tcp-request rule that stands after an http-request one.
      const first = frontend.search(/^ +http-request /m);
      if (first !== -1) expect(frontend.lastIndexOf(" tcp-request")).toBeLessThan(first);
    }
  }
});

test("by default one client address may use half of a frontend's connections, and the rate of new connections is not limited", () => {
  expect([...frontends({}).join("").matchAll(/sc0_conn_cur gt (\d+)/g)].map(([, most]) => most)).toEqual(["1500", "500", "500"]);
  expect(frontends({ limits: { connections: 5 } }).join("")).not.toContain("conn_rate gt");
});
