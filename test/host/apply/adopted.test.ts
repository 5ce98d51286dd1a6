import { AWKS, decide } from "./awks";

// What a host served before our first delivery and would not after it.

describe.each(AWKS)("the awk scripts that look at what a host served before its first deploy, run by %s", (...awk) => {
  test("adopted-ports.awk lists each process that listens outside loopback on a port that the deploy will not serve", () => {
    const listening = [
      'LISTEN 0 128 0.0.0.0:443 0.0.0.0:* users:(("haproxy",pid=5,fd=1))',
      'LISTEN 0 128 0.0.0.0:8080 0.0.0.0:* users:(("haproxy",pid=5,fd=2),("haproxy",pid=6,fd=2))',
      'LISTEN 0 128 [::]:8081 [::]:* users:(("haproxy",pid=5,fd=3))',
      'LISTEN 0 128 127.0.0.1:9999 0.0.0.0:* users:(("haproxy",pid=5,fd=4))',
      'LISTEN 0 128 [::1]:9998 [::]:* users:(("haproxy",pid=5,fd=5))',
      "LISTEN 0 128 0.0.0.0:2049 0.0.0.0:*",
      "",
    ].join("\n");
    expect(decide(awk, "adopted-ports", ["443\n", listening])).toEqual(["8080 5", "8080 6", "8081 5"]);
  });

  test.each([
    ["a block of several lines", "virtual_ipaddress {\n  10.0.0.1/24 dev eth0\n  10.0.0.2\n}\n", ["10.0.0.2 (keepalived)"]],
    ["a block whose brace is on its own line", "virtual_ipaddress\n{\n  10.0.0.3/24\n}\n", ["10.0.0.3 (keepalived)"]],
    ["a block of one line", "vrrp_instance A { virtual_ipaddress { 10.0.0.4 } priority 100\n}\n", ["10.0.0.4 (keepalived)"]],
    ["an IPv6 address in a block virtual_ipaddress_excluded", "virtual_ipaddress_excluded {\n  2001:db8::5/64\n}\nvirtual_routes {\n  10.9.0.0/16 via 10.0.0.9\n}\n", ["2001:db8::5 (keepalived)"]],
    ["addresses in comments (which are not listed)", "virtual_ipaddress { # 10.0.0.6\n  ! 10.0.0.7\n  10.0.0.1 # 10.0.0.8\n}\n", []],
    ["unicast peers (whose addresses are not listed)", "unicast_peer {\n  10.0.0.9\n}\n", []],
  ])("from a keepalived.conf with %s, adopted-addresses.awk lists the virtual addresses that the deploy does not deliver", (_, conf, found) => {
    expect(decide(awk, "adopted-addresses", ["10.0.0.1\n", conf])).toEqual(found);
  });
});
