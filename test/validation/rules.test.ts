import { RULES, VALUES } from "../support/rule-values";

// RE2, which Terraform has, repeats nothing more than 1000 times and knows no
// look-around; a backslash or a quote would not survive being put into a string.
test.each(RULES)("the pattern of %s is one for Terraform, too", (_, rule) => {
  const code = rule.condition("var.v");
  for (const [, , most] of code.matchAll(/\{(\d+),(\d*)\}/g)) expect(Number(most ?? 0)).toBeLessThanOrEqual(1000);
  expect(code).not.toMatch(/\(\?[=!<]/);
  expect(code.replace(/"[^"]*"/g, "")).not.toMatch(/["\\]/);
});

// That Terraform judges the same values alike is tried with the real one: test/lab/rules.lab.ts.
describe.each(RULES)("%s", (name, rule) => {
  const { good = [], bad = [] } = VALUES[name] ?? {};

  test("has values that it takes and some that it does not", () => {
    expect(good.length).toBeGreaterThan(1);
    expect(bad.length).toBeGreaterThan(4);
  });
  test.each(good)("takes %j", (value) => expect(rule.test(value)).toBe(true));
  test.each(bad)("does not take %j", (value) => expect(rule.test(value)).toBe(false));
});
