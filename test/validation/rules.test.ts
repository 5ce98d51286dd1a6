import * as checks from "../../lib/validation/rules";

const RULES = Object.entries(checks).filter((entry): entry is [string, checks.Rule] => typeof entry[1] === "object" && "condition" in entry[1]);

/** What in a condition means something else to Terraform than to JavaScript, or does not survive in a Terraform string. */
function unfit(condition: string): string[] {
  const text = /"((?:[^"\\]|\\.)*)"/g;
  const inside = [...condition.matchAll(text)].map(([, content = ""]) => content).join("\n");
  return [
    ...(/\\/.test(inside) ? ["a backslash"] : []),
    ...(/[$%]\{/.test(inside) ? ["a template"] : []),
    // RE2, which Terraform has, knows no look-around and repeats nothing more than 1000 times.
    ...(/\(\?[=!<]/.test(inside) ? ["look-around"] : []),
    ...([...inside.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].some(([, least, most = ""]) => Number(least) > 1000 || Number(most) > 1000) ? ["too many"] : []),
    // A quote in a pattern ends its string early, and then the strings do not add up.
    ...(/["\\]/.test(condition.replace(text, "")) ? ["a quote"] : []),
  ];
}

test.each(RULES)("the pattern of %s is one for Terraform, too", (_, rule) => {
  expect(unfit(rule.condition("var.v"))).toEqual([]);
});

test.each([
  [/^\d$/, "a backslash"],
  [/^[$]{2}|%{x}$/, "a template"],
  [/^(?!a)b$/, "look-around"],
  [/^a{1,1001}$/, "too many"],
  [/^a{1001}$/, "too many"],
  [/^a"b$/, "a quote"],
])("%s would not be one for Terraform: %s", (pattern, reason) => {
  expect(unfit(`can(regex("${pattern.source}", var.v))`)).toContain(reason);
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
