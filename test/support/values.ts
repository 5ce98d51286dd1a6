import * as rules from "../../lib/validation/rules";

const ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK49QMyRvP2tHlBO61SLEl3xyKF2nHvaw7H6tVTMM013";
const ECDSA =
  "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBBwc2bPbYrzNYH0ZIdC7uiVEfy6j2TBvAr/Jj9771TphSjeq+6y85G5G95hCMNvb6SbdtYceJNRQje4FJ41gh70=";
const RSA = `ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ${"C".repeat(338)}`;
const FFFF = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";

/** Values that a rule must accept and values that it must refuse. */
export interface Values {
  readonly rule: rules.Rule;
  readonly good: readonly string[];
  readonly bad: readonly string[];
}

const NO_ADDRESSES = [
  "", " ", "10.12.8", "10.12.8.300", "010.0.0.1", "10.12.8.015", "10.1.1.1 ", " 10.1.1.1", "10.1.1.1\n", "10.1.1.1.1", "10..1.1", "0x0a.0.0.1", "167772161",
  "0.0.0.0", "0.1.2.3", "224.0.0.18", "239.255.255.255", "240.0.0.1", "255.255.255.255",
  ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "g::1", "::ffff:10.0.0.1", "1:2:3:4:5:6:7::8", "fe80::1%eth0", "[::1]",
  "::", "0:0::0", "0000::", "ff02::1", "FF0e::1:2", "a",
];
const ONLY_HERE = ["127.0.0.1", "127.255.0.3", "::1", "0:0:0:0:0:0:0:1", "0::0001", "169.254.1.2", "fe80::1", "FEBF::1"];
const HOSTS = ["10.12.8.15", "1.2.3.4", "198.18.0.255", "223.255.255.255", "2001:db8::1", "2001:DB8:0:0::1", "1:2:3:4:5:6:7:8", "1::8", "1:2:3:4:5:6:7::", "fd00::", "fec0::1"];
const NAMES = ["exch01.mydomain.local", "mail.mydomain.local", "xn--mller-kva.de", "1a", "x--1.y", "0xg", "a".repeat(63), `${"a.".repeat(126)}a`];
const NO_NAMES = [
  "-a", "a-", "a..b", "a_b", ".", "a.", "10.1", "10.1.0x1f", "0x7f000001", "1.2.3.0XA", "mail.123", "a".repeat(64), `${"a.".repeat(126)}aa`, "*.mydomain.local", "mail,local", "mail.local:443", "a\nb", "ä.de",
];

export const VALUES: Readonly<Record<string, Values>> = {
  ADDRESS: { rule: rules.ADDRESS, good: [...HOSTS, ...ONLY_HERE], bad: [...NO_ADDRESSES, "10.0.0.1/32", "mail"] },
  OTHER_HOST: { rule: rules.OTHER_HOST, good: [...HOSTS, ...NAMES], bad: [...NO_ADDRESSES.filter((value) => value !== "a"), ...ONLY_HERE, ...NO_NAMES, "localhost", "LocalHost", "localhost.localdomain"] },
  UNICAST: { rule: rules.UNICAST, good: HOSTS, bad: [...NO_ADDRESSES, ...ONLY_HERE, "10.0.0.1/32", "mail", "exch01.mydomain.local"] },
  HOST: { rule: rules.HOST, good: [...HOSTS, ...ONLY_HERE, ...NAMES, "localhost", "exch01"], bad: [...NO_ADDRESSES.filter((value) => value !== "a"), ...NO_NAMES] },
  DNS_NAME: { rule: rules.DNS_NAME, good: NAMES, bad: ["", ...NO_NAMES, "10.1.1.1", "::1"] },
  NETWORK: {
    rule: rules.NETWORK,
    good: [...HOSTS, ...ONLY_HERE, "10.8.5.17/32", "10.8.5.16/28", "10.0.0.0/8", "0.0.0.0/0", "::/0", "0::/0", "2001:db8::/32", "2001:DB8:0::/48", "2001:db8::1/128", "128.0.0.0/1", "169.254.0.0/16", "8000::/1"],
    bad: [
      ...NO_ADDRESSES, "198.18.0.31/24", "10.8.5.17/31", "10.0.0.1/0", "10.8.5.0/33", "10.8.5.0/", "10.8.5.0/08", "10.8.5.0/+8", "10.8.5.0/24/1", "010.8.5.0/24", "/24", "::/129", "2001:db8::1/64", "2001:db8::/031",
      "0.0.0.0/8", "0.0.0.0/1", "224.0.0.0/4", "ff00::/8", "::/96", "10.8.5.0-10.8.5.9", "10.8.5.0/255.255.255.0", "mail.mydomain.local",
    ],
  },
  VIRTUAL_ADDRESS: {
    rule: rules.VIRTUAL_ADDRESS,
    good: ["10.1.1.1", "10.1.1.0", "10.1.1.1/24", "10.1.0.255/23", "10.1.1.0/31", "10.1.1.1/31", "10.1.1.0/32", "10.1.1.1/30"],
    bad: [...NO_ADDRESSES, ...ONLY_HERE, "10.1.1.1/0", "10.1.1.1/33", "10.1.1.1/", "10.1.1.1/024", "10.1.1.0/24", "10.1.1.255/24", "10.1.1.255/23", "10.1.1.3/30", "2001:db8::1", "127.0.0.5/8", "169.254.1.2/16", "224.0.0.1/24", "0.0.0.5/24", "mail"],
  },
  VIRTUAL_IPV6_ADDRESS: {
    rule: rules.VIRTUAL_IPV6_ADDRESS,
    good: ["2001:db8::15", "2001:db8::15/64", "2001:db8::/128", "2001:db8::/127", "FD00::1/8", `2${FFFF.slice(1)}/64`],
    bad: [...NO_ADDRESSES, ...ONLY_HERE, "10.1.1.1", "10.1.1.1/24", "2001:db8::/64", "2001:db8::15/0", "2001:db8::15/129", "2001:db8::15/064", "fe80::1/64", "ff02::1/16", "::1/64", "::5/", FFFF],
  },
  IPV4_HOST: { rule: rules.IPV4_HOST, good: ["10.12.8.21"], bad: [...NO_ADDRESSES, ...ONLY_HERE, "2001:db8::1", "10.1.1.1/24", "exch01"] },
  IPV6_HOST: { rule: rules.IPV6_HOST, good: ["2001:db8::21", "FD00::1"], bad: [...NO_ADDRESSES, ...ONLY_HERE, "10.1.1.1", "2001:db8::1/64", "exch01"] },
  VRRP_ADDRESS: { rule: rules.VRRP_ADDRESS, good: ["10.12.8.11"], bad: [...NO_ADDRESSES, ...ONLY_HERE, "2001:db8::1", "10.1.1.1/24", "lb01"] },
  SERVED_ADDRESS: { rule: rules.SERVED_ADDRESS, good: HOSTS, bad: [...NO_ADDRESSES, ...ONLY_HERE, "10.1.1.1/24", "2001:db8::1/64", "mail", "*", "10.1.1.1:25", "10.1.1.1 transparent"] },
  SERVICE_ROLE: { rule: rules.SERVICE_ROLE, good: ["relay", "a", "gateway-2", "a".repeat(20)], bad: ["", "Relay", "2525", "a b", "a_b", "a.b", "-a", "a".repeat(21), "a\n", "ä"] },
  ACME_RESPONDER: { rule: rules.ACME_RESPONDER, good: ["10.12.8.40", "10.12.8.40:8080", "acme.mydomain.local:80", "a", "a:65535", "127.0.0.1:8080", "localhost:8888"], bad: [...NO_NAMES.filter((value) => value !== "mail.local:443"), "10.12.8.300", "10.1:80", "0x7f000001:80", "0.0.0.0:80", "224.0.0.1", "010.0.0.1", "a..b", "a.:80", "", "a:0", "a:65536", "a:", "a b", "a:80 check", "-a", "a/b", "a\n", "2001:db8::1", "http://a"] },
  NOT_ITSELF: { rule: rules.NOT_ITSELF, good: ["10.12.8.40", "127.0.0.1:8080", "localhost:8888", "128.0.0.1:80", "localhosts"], bad: ["127.0.0.1", "127.0.0.1:80", "127.9.9.9:80", "LocalHost", "localhost:80", "localhost.localdomain:80"] },
  CONFIG_LINE: { rule: rules.CONFIG_LINE, good: ["a", "nbthread 4", 'http-response set-header X "%[src]"', "a\\ b"], bad: ["", " ", "a\nb", "a\n", "\na", "a\r", "a\u0000b", "a\tb", " a", "a ", "ä", "a\u2028b", "a\u0085b"] },
  INTERFACE: { rule: rules.INTERFACE, good: ["ens192", "eth0.100", "bond0", "lo1", "loop", "br-mail_1"], bad: ["", "lo", "a/b", "a".repeat(16), "eth0:1", "-a", "eth 0", "lo\n"] },
  FIREWALL_ZONE: { rule: rules.FIREWALL_ZONE, good: ["internal", "FedoraServer", "site_1", "a-b"], bad: ["", "a b", "a".repeat(18), "a.b", "-a", "a\n"] },
  MOMENT: {
    rule: rules.MOMENT,
    good: ["2026-11-26T21:04:11Z", "1999-12-31T23:59:59Z"],
    bad: ["", "2026-11-26", "2026-11-26 21:04:11", "2026-11-26T21:04:11", "2026-11-26T21:04:11+01:00", "2026-13-26T21:04:11Z", "2026-11-32T21:04:11Z", "2026-11-26T24:04:11Z", "2026-11-26T21:60:11Z", "26-11-26T21:04:11Z", "2026-11-26T21:04:11Z\n", "now"],
  },
  PROGRAM: { rule: rules.PROGRAM, good: ["/usr/local/sbin/tell-me", `/${"a".repeat(511)}`], bad: ["", "tell-me", "/a b", "/a;b", "/..", "/a/", `/${"a".repeat(512)}`, `/${"a/".repeat(600)}a`] },
  CONFIG_NAME: { rule: rules.CONFIG_NAME, good: ["exch01", "EMAIL_VIP1", "1.a-b_c"], bad: ["", "_a", "a b", "a".repeat(64), "a\n"] },
  VRRP_PASSWORD: { rule: rules.VRRP_PASSWORD, good: ["a", "Passw0rd", "a.b_c+d="], bad: ["", "Mypassword", "a b", 'a"', "a#b", "a!b", "é"] },
  USER: { rule: rules.USER, good: ["root", "deploy_1"], bad: ["", "a b", "-a", "1a"] },
  LOCAL_PATH: { rule: rules.LOCAL_PATH, good: ["exch.pem", "/etc/ssl/exch (1).pem", "../a~b.pem", "C:/keys/exch.pem"], bad: ["", 'a"b', "a$b", "a%b", "a\\b", "a\nb"] },
  HOST_KEYS: {
    rule: rules.HOST_KEYS,
    good: [
      ED25519, ECDSA, RSA, `${ED25519} root@lb01`, `${ECDSA}\n`, `lb01 ${ED25519}`, `[lb01.mydomain.local]:2222 ${RSA}`, `lb01,10.12.8.11 ${RSA}`, `2001:db8::1 ${RSA}`,
      `# 10.12.8.11:22 SSH-2.0-OpenSSH_9.2p1\n10.12.8.11 ${RSA}\n\n# 10.12.8.11:22 SSH-2.0-OpenSSH_9.2p1\n10.12.8.11 ${ECDSA}\r\n10.12.8.11 ${ED25519}\r\n`,
      `lb01\t${ED25519}`, `  ${ED25519}  `, `${ECDSA}\nlb01 ${ED25519}`,
    ],
    bad: [
      "", "\n", "# nothing", "ssh-ed25519", "ssh-ed25519 AAAA…", "ssh-ed25519 AAAA...", "lb01 ssh-ed25519 AAAA", ED25519.slice(0, -1), `${ED25519}A`, ECDSA.replace("=", ""), RSA.slice(0, 80),
      `|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ${ED25519}`, `@cert-authority lb01 ${ED25519}`, `@revoked lb01 ${ED25519}`, `${ED25519}\nx`, `lb01 ${ED25519}\nlb02 ${ECDSA}`,
      ED25519.replace("ssh-ed25519", "ssh-rsa"), ED25519.replace("ssh-ed25519", "ssh-dss"), "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----", `a b ${ED25519}`, `\${x} ${ED25519}`,
    ],
  },
  HEADER_NAME: { rule: rules.HEADER_NAME, good: ["X-Test", "a"], bad: ["", "X Test", "X:", "1a", "a\n"] },
  HEADER_VALUE: { rule: rules.HEADER_VALUE, good: ["max-age=31536000; includeSubDomains"], bad: ["", 'a"b', "a\\b", "a$b", "%d", "a\nb", "a\u0007b"] },
  ATTACK_NAME: { rule: rules.ATTACK_NAME, good: ["a", "cve-2027-0001", "a".repeat(32)], bad: ["", "-a", "A", "a b", "a_b", "a\n", "a".repeat(33)] },
  ATTACK_TEXT: { rule: rules.ATTACK_TEXT, good: ["abc", "/x?y=%00", "a\"'\\{}$", "a".repeat(40)], bad: ["", "ab", "a b c", "abc\n", "äbc", "a".repeat(41)] },
  METHOD_NAME: { rule: rules.METHOD_NAME, good: ["PROPFIND", "RPC_IN_DATA", "X-MS-ENUMATTS"], bad: ["", "get", "A B", "A\n", "_A"] },
  HEALTH_PATH: { rule: rules.HEALTH_PATH, good: ["/owa/healthcheck.htm"], bad: ["", "owa", "/a b", "/a#b", "/a\r\nb", "/"] },
  DIRECTORY_PATH: { rule: rules.DIRECTORY_PATH, good: ["/api", "/Microsoft-Server-ActiveSync"], bad: ["", "api", "/a/b", "/..", "/%65cp"] },
  SSH_CERTIFICATE: {
    rule: rules.SSH_CERTIFICATE,
    good: [`ssh-ed25519-cert-v01@openssh.com AAAA${"A".repeat(200)}== root`, `ssh-rsa-cert-v01@openssh.com AAAA${"b".repeat(99)}\n`],
    bad: ["", ED25519, "ssh-ed25519-cert-v01@openssh.com", `ssh-ed25519-cert-v01@openssh.com AAAA${"A".repeat(20)}\nssh-ed25519 AAAA\n`],
  },
  SECRET_COMMAND: { rule: rules.SECRET_COMMAND, good: ["vault kv get -field=pem secret/exch", "a | b\n"], bad: ["", " \n", "a\0b", "é"] },
  AGENT_IDENTITY: { rule: rules.AGENT_IDENTITY, good: [ED25519, "me@laptop", "/home/me/.ssh/id_ed25519"], bad: ["", 'a"b', "a\nb", "${x}", "a\\b", "`id`"] },
};
