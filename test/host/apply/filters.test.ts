import { AWKS, decide } from "./awks";

// Who filters on a host: filters.awk over what systemctl, nft and iptables-save print.

const unit = (name: string, active: boolean, enabled = active): string => `@unit ${name} ${active ? "yes" : "no"} ${enabled ? "yes" : "no"}\n`;
const NOBODY = ["firewalld", "nftables", "iptables", "ip6tables", "netfilter-persistent"].map((name) => unit(name, false)).join("");
const NFT_DROP = `@nft
table inet site {
	chain input {
		type filter hook input priority filter; policy drop;
		ct state established,related accept
		tcp dport 22 accept
	}
}
`;
const DOCKER = `@nft
table ip filter {
	chain DOCKER-USER {
		counter return
	}
	chain DOCKER-ISOLATION {
		oifname "docker0" counter drop
	}
	chain FORWARD {
		type filter hook forward priority filter; policy drop;
		counter jump DOCKER-USER
		counter jump DOCKER-ISOLATION
	}
	chain INPUT {
		type filter hook input priority filter; policy accept;
	}
}
table ip raw {
	chain PREROUTING {
		type filter hook prerouting priority raw; policy accept;
		ip daddr 172.17.0.2 iifname != "docker0" counter drop
	}
}
`;
const FAIL2BAN = `@nft
table inet f2b-table {
	set addr-set-sshd {
		type ipv4_addr
		elements = { 192.0.2.1 }
	}
	chain f2b-chain {
		type filter hook input priority filter - 1; policy accept;
		tcp dport 22 ip saddr @addr-set-sshd reject with icmp port-unreachable
	}
}
`;
const FAIL2BAN_IPTABLES = `@iptables iptables
*filter
:INPUT ACCEPT [0:0]
:f2b-sshd - [0:0]
-A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd
-A f2b-sshd -s 192.0.2.1/32 -j REJECT --reject-with icmp-port-unreachable
-A f2b-sshd -j RETURN
COMMIT
`;
const DEBIAN_DEFAULT = `@nft
table inet filter {
	chain input {
		type filter hook input priority filter; policy accept;
	}
	chain forward {
		type filter hook forward priority filter; policy accept;
	}
}
`;
const FIREWALLD = `@nft
table inet firewalld {
	chain filter_INPUT {
		type filter hook input priority filter + 10; policy accept;
		ct state { established, related } accept
		jump filter_INPUT_ZONES
		reject with icmpx admin-prohibited
	}
}
`;
const IPTABLES_DROP = `@iptables iptables
*nat
:PREROUTING DROP [0:0]
COMMIT
*filter
:INPUT DROP [10:20]
:FORWARD ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
`;
const RHEL = `*filter
:INPUT ACCEPT [0:0]
-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m state --state NEW -m tcp --dport 22 -j ACCEPT
-A INPUT -j REJECT --reject-with icmp-host-prohibited
COMMIT
`;
const UFW = `@nft
table ip filter {
	chain ufw-user-input {
		tcp dport 22 counter accept
	}
	chain ufw-before-input {
		iifname "lo" counter accept
		ct state invalid counter drop
		counter jump ufw-user-input
	}
	chain INPUT {
		type filter hook input priority filter; policy drop;
		counter jump ufw-before-input
	}
}
`;

describe.each(AWKS)("the search for packet filters, run by %s", (...awk) => {
  const owners = (facts: string): string[] => decide(awk, "filters", [`${facts}@end\n`]);

  test.each([
    ["no rules", NOBODY],
    ["Debian's own /etc/nftables.conf, loaded by hand", NOBODY + DEBIAN_DEFAULT],
    ["docker, which filters only forwarded packets", NOBODY + DOCKER],
    ["fail2ban, which blocks only single addresses", NOBODY + FAIL2BAN + FAIL2BAN_IPTABLES],
    ["netfilter-persistent with rules that accept everything", NOBODY + unit("netfilter-persistent", true) + "@saved netfilter-persistent /etc/iptables/rules.v4\n*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n"],
    ["a service that is off, but has saved rules", `${NOBODY}@saved netfilter-persistent /etc/iptables/rules.v4\n${RHEL}`],
  ])("filters.awk finds no packet filter on a host with %s", (_, facts) => {
    expect(owners(facts)).toEqual([]);
  });

  test.each([
    ["firewalld", unit("firewalld", true) + FIREWALLD, ["firewalld\tit is running"]],
    ["ufw", `${NOBODY}@ufw ENABLED=yes in /etc/ufw/ufw.conf\n${UFW}`, ["ufw\tENABLED=yes in /etc/ufw/ufw.conf"]],
    ["an active nftables.service, with a table that drops packets", NOBODY + unit("nftables", true) + NFT_DROP, ["nftables.service\tit is active: table inet site (policy drop)"]],
    ["nftables.service enabled for the next boot", NOBODY + unit("nftables", false, true), ["nftables.service\tit is enabled"]],
    ["iptables-services", NOBODY + unit("iptables", true) + `@iptables iptables\n${RHEL}`, ["iptables.service\tit is active: iptables (a rule drops or rejects)"]],
    ["rules in nft that no service owns", NOBODY + NFT_DROP, ["rules that no service owns\ttable inet site (policy drop)"]],
    ["rules in iptables that no service owns", NOBODY + IPTABLES_DROP, ["rules that no service owns\tiptables (policy DROP)"]],
    ["iptables-legacy rules, which nft does not show", `${NOBODY}${DEBIAN_DEFAULT}@iptables iptables-legacy\n${RHEL}`, ["rules that no service owns\tiptables-legacy (a rule drops or rejects)"]],
    [
      "a chain of the administrator's own that drops packets",
      `${NOBODY}@iptables iptables\n*filter\n:INPUT ACCEPT [0:0]\n:site - [0:0]\n:not - [0:0]\n-A INPUT -j site\n-A site -s 192.0.2.0/24 -j DROP\nCOMMIT\n`,
      ["rules that no service owns\tiptables (a rule drops or rejects)"],
    ],
    ["netfilter-persistent", NOBODY + unit("netfilter-persistent", true) + IPTABLES_DROP, ["netfilter-persistent.service\tit is active: iptables (policy DROP)"]],
    ["rules that netfilter-persistent loads at the next boot", NOBODY + unit("netfilter-persistent", true) + `@saved netfilter-persistent /etc/iptables/rules.v4\n${RHEL}`, ["netfilter-persistent.service\tit is active"]],
    ["ufw and nftables.service", `${NOBODY}${unit("nftables", true)}@ufw ENABLED=yes in /etc/ufw/ufw.conf\n`, ["ufw\tENABLED=yes in /etc/ufw/ufw.conf", "nftables.service\tit is active"]],
    ["other rules beside firewalld", unit("firewalld", true) + FIREWALLD + IPTABLES_DROP, ["firewalld\tit is running", "rules that no service owns\tiptables (policy DROP)"]],
  ])("filters.awk finds a packet filter on a host with %s", (_, facts, found) => {
    expect(owners(facts)).toEqual(found);
  });

  test("shut.awk lists each port that a program uses outside loopback and that firewalld would close at its first start", () => {
    const listening = [
      'tcp   LISTEN 0      128          0.0.0.0:22         0.0.0.0:*    users:(("sshd",pid=1,fd=3))',
      'tcp   LISTEN 0      4096               *:9100             *:*    users:(("systemd",pid=1,fd=50))',
      'tcp   LISTEN 0      4096            [::]:9100          [::]:*    users:(("systemd",pid=1,fd=51))',
      'tcp   LISTEN 0      10       127.0.0.1:25         0.0.0.0:*    users:(("master",pid=7,fd=13))',
      'tcp   LISTEN 0      10           [::1]:25            [::]:*    users:(("master",pid=7,fd=14))',
      'udp   UNCONN 0      0    127.0.0.53%lo:53         0.0.0.0:*    users:(("systemd-resolve",pid=9,fd=1))',
      'udp   UNCONN 0      0      198.18.0.11:68         0.0.0.0:*    users:(("dhclient",pid=9,fd=1))',
      'udp   UNCONN 0      0          0.0.0.0:161        0.0.0.0:*    users:(("snmpd",pid=9,fd=1),("snmpd",pid=10,fd=1))',
      "tcp   LISTEN 0      64           0.0.0.0:2049       0.0.0.0:*",
      'tcp   LISTEN 0      64           0.0.0.0:443        0.0.0.0:*    users:(("haproxy",pid=5,fd=1))',
      "",
    ].join("\n");
    expect(decide(awk, "shut", ["tcp 22\ntcp 443\n", listening])).toEqual(["9100/tcp (systemd), 161/udp (snmpd), 2049/tcp"]);
    expect(decide(awk, "shut", ["tcp 22\n", 'tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=1,fd=3))\n'])).toEqual([]);
  });
});
