import * as rules from "../../lib/validation/rules";

/** Every rule, by its name. */
export const RULES: readonly (readonly [string, rules.Rule])[] = Object.entries(rules).filter(
  (entry): entry is [string, rules.Rule] => typeof entry[1] === "object" && "condition" in entry[1],
);

/** Values that each rule takes and does not, as a literal at synthesis and as a token in Terraform alike. */
export const VALUES: Readonly<Record<string, { readonly good: readonly string[]; readonly bad: readonly string[] }>> = {
  ADDRESS: {
    good: ["10.12.8.15", "0.0.0.0", "255.255.255.255", "::", "::1", "2001:db8::1", "2001:DB8::1", "::ffff:10.1.1.1", "1:2:3:4:5:6:7:8"],
    bad: ["", "10.12.8", "10.12.8.300", "010.1.1.1", "10.1.1.1/32", "fe80::1%eth0", "a", "10.1.1.1 ", " 10.1.1.1", "10.1.1.1\n", "1:2:3", ":::1", "::1::", "12345::", "[::1]"],
  },
  NETWORK: {
    good: ["10.8.5.17", "10.8.5.17/32", "10.8.5.17/8", "0.0.0.0/0", "::/0", "2001:db8::/32", "::1", "::1/128"],
    bad: ["", "10.8.5.0/33", "10.8.5.0/", "10.8.5.0/08", "10.8.5.0/-1", "10.8.5.0/+8", "10.8.5.0/a", "::/129", "/24", "10.8.5.0/24/1", "10.8.5.0 /24", "10.8.5/24", "10.8.5.0/24\n", "a/24", "..."],
  },
  VIRTUAL_ADDRESS: {
    good: ["10.1.1.1", "10.1.1.1/24", "10.1.1.1/32", "10.1.1.1/1"],
    bad: ["", "10.1.1.1/0", "10.1.1.1/33", "10.1.1.1/024", "::1", "::ffff:10.1.1.1", "10.1.1.1/", "10.1.1", "10.1.1.1/24\n", "a"],
  },
  VIRTUAL_IPV6_ADDRESS: {
    good: ["2001:db8::15", "2001:DB8::15/64", "::1/128", "::ffff:10.1.1.1", "1:2:3:4:5:6:7:8/1"],
    bad: ["", "10.1.1.1", "2001:db8::15/0", "2001:db8::15/129", "2001:db8::15/064", "fe80::1%eth0", "fe80::1%eth0/64", "2001:db8::15/", "2001:db8::15\n", "a:b", ":"],
  },
  VRRP_ADDRESS: {
    good: ["10.12.8.11", "192.0.2.1"],
    bad: ["", "10.12.8.11/24", "::1", "lb01", "10.12.8", "10.12.8.011", "10.12.8.11\n"],
  },
  PROGRAM: {
    good: ["/bin/true", "/usr/local/sbin/tell-me", "/a.b/_c"],
    bad: ["", "true", "/", "/bin/", "/bin//true", "/bin/true -x", "/bin/true\n", "/../bin/sh", "/bin/t;x", "/bin/$x", "/-x"],
  },
  DNS_NAME: {
    good: ["mail.mydomain.local", "xn--mller-kva.de", "MAIL", "1a", "a".repeat(63)],
    bad: ["", "10.1.1.1", "1", "*.mydomain.local", "mail,local", "mail.local:443", "mail.local.", ".mail", "-a", "a-", "a_b", "a..b", "a b", "a\n", "a".repeat(64), "müller.de"],
  },
  HOST: {
    good: ["exch01", "exch01.mydomain.local", "10.1.1.1", "::1", "x--1.y", "1a"],
    bad: ["", "-a", "a-", "a..b", "a_b", ".", "a.", "10.1", "10.12.8.300", "exch01:443", "fe80::1%eth0", "[::1]", "10.1.1.1/24", "a".repeat(64), "a\nb"],
  },
  CONFIG_NAME: {
    good: ["exch01", "EMAIL_VIP1", "1.a-b_c", "a".repeat(63)],
    bad: ["", "_a", "-a", ".a", "a b", "a\n", "a#", 'a"', "a".repeat(64), "é"],
  },
  INTERFACE: {
    good: ["ens192", "eth0.100", "bond0", "a".repeat(15)],
    bad: ["", "a/b", "eth0:1", "-a", "a b", "a\n", "a".repeat(16)],
  },
  USER: { good: ["root", "deploy_1", "_x", "a.b-c", "a".repeat(32)], bad: ["", "a b", "-a", "1a", "a\n", "a@b", "a".repeat(33)] },
  VRRP_PASSWORD: {
    good: ["a", "Passw0rd", "a.b_c+d=", ":,/^&*-1"],
    bad: ["", "Mypassword", "a b", 'a"', "a#b", "a!b", "é", "a\n", "a\\b", "a$b"],
  },
  HEADER_NAME: { good: ["X-Test", "Server", "a1", "A".repeat(64)], bad: ["", "X Test", "X:Test", "1X", "-X", "X_Test", "X\n", "A".repeat(65)] },
  HEADER_VALUE: {
    good: ["DENY", "it's {mail}; #1", "max-age=63072000", " ", "a".repeat(512)],
    bad: ["", 'a"b', "a\\b", "a$b", "%d", "a\nb", "a\r", "a\u0007b", "é", "a".repeat(513)],
  },
  HEALTH_PATH: {
    good: ["/owa/healthcheck.htm", "/a", "/~a/b_c-d"],
    bad: ["", "owa", "/", "/a/", "/a//b", "/a b", "/a?b", "/a#b", "/a%20b", "/a\r\nb"],
  },
  DIRECTORY_PATH: { good: ["/api", "/Microsoft-Server-ActiveSync", "/a.b_c", "/1"], bad: ["", "/", "api", "/a/b", "/..", "/.a", "/a b", "/%65cp", '/a"', "/a\n", `/${"a".repeat(64)}`] },
  LOCAL_PATH: { good: ["exch.pem", "/etc/ssl/exch (1).pem", "../a~b.pem"], bad: ["", 'a"b', "a$b", "a%b", "a\\b", "a\nb", "a`b", "a{b", "é"] },
  HOST_KEY: {
    good: [`ssh-ed25519 ${"A".repeat(68)}`, `ssh-rsa ${"A".repeat(500)}== root@lb01`, `sk-ssh-ed25519@openssh.com ${"A".repeat(20)}`],
    bad: ["", "ssh-ed25519", "ssh-ed25519 AAAA", `lb01 ssh-ed25519 ${"A".repeat(68)}`, `ssh-ed25519 ${"A".repeat(68)}\nx`, `ssh-ed25519  ${"A".repeat(68)}`, `ssh-ed25519 ${"A".repeat(68)} a b`],
  },
};
