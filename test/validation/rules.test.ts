import * as checks from "../../lib/validation/rules";

const RULES = Object.entries(checks).filter((entry): entry is [string, checks.Rule] => typeof entry[1] === "object" && "condition" in entry[1]);

// RE2, which Terraform has, repeats nothing more than 1000 times and knows no
// look-around; a backslash or a quote would not survive being put into a string.
test.each(RULES)("the pattern of %s is one for Terraform, too", (_, rule) => {
  const code = rule.condition("var.v");
  for (const [, , most] of code.matchAll(/\{(\d+),(\d*)\}/g)) expect(Number(most ?? 0)).toBeLessThanOrEqual(1000);
  expect(code).not.toMatch(/\(\?[=!<]/);
  expect(code.replace(/"[^"]*"/g, "")).not.toMatch(/["\\]/);
});

const GOOD_AND_BAD: readonly (readonly [string, checks.Rule, readonly string[], readonly string[]])[] = [
  ["ADDRESS", checks.ADDRESS, ["10.12.8.15", "::1", "2001:db8::1"], ["", "10.12.8", "10.12.8.300", "010.1.1.1", "fe80::1%eth0", "a", "10.1.1.1 "]],
  ["NETWORK", checks.NETWORK, ["10.8.5.17", "10.8.5.17/32", "0.0.0.0/0", "::/0"], ["", "10.8.5.0/33", "10.8.5.0/", "10.8.5.0/08", "::/129", "/24", "10.8.5.0/24/1"]],
  ["HOST", checks.HOST, ["exch01", "exch01.mydomain.local", "10.1.1.1", "::1", "x--1.y", "1a"], ["", "-a", "a-", "a..b", "a_b", ".", "a.", "10.1", "a".repeat(64)]],
  ["DNS_NAME", checks.DNS_NAME, ["mail.mydomain.local", "xn--mller-kva.de"], ["10.1.1.1", "*.mydomain.local", "mail,local", "mail.local:443"]],
  ["CONFIG_NAME", checks.CONFIG_NAME, ["exch01", "EMAIL_VIP1", "1.a-b_c"], ["", "_a", "a b", "a".repeat(64)]],
  ["INTERFACE", checks.INTERFACE, ["ens192", "eth0.100", "bond0"], ["", "a/b", "a".repeat(16)]],
  ["VIRTUAL_ADDRESS", checks.VIRTUAL_ADDRESS, ["10.1.1.1", "10.1.1.1/24"], ["10.1.1.1/0", "10.1.1.1/33", "::1", "10.1.1.1/"]],
  ["VRRP_PASSWORD", checks.VRRP_PASSWORD, ["a", "Passw0rd", "a.b_c+d="], ["", "Mypassword", "a b", 'a"', "a#b", "a!b", "é"]],
  ["HOST_KEY", checks.HOST_KEY, [`ssh-ed25519 ${"A".repeat(68)}`, `ssh-rsa ${"A".repeat(500)}== root@lb01`], ["", "ssh-ed25519", "lb01 ssh-ed25519 AAAA", `ssh-ed25519 ${"A".repeat(68)}\nx`]],
  ["USER", checks.USER, ["root", "deploy_1"], ["", "a b", "-a", "1a"]],
  ["LOCAL_PATH", checks.LOCAL_PATH, ["exch.pem", "/etc/ssl/exch (1).pem", "../a~b.pem"], ["", 'a"b', "a$b", "a%b", "a\\b", "a\nb"]],
];

describe.each(GOOD_AND_BAD)("%s", (_, rule, good, bad) => {
  test.each(good)("takes %j", (value) => expect(rule.test(value)).toBe(true));
  test.each(bad)("does not take %j", (value) => expect(rule.test(value)).toBe(false));
});
