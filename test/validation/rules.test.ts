import * as checks from "../../lib/validation/rules";
import { VALUES } from "../support/values";

const RULES = Object.entries(checks).filter((entry): entry is [string, checks.Rule] => typeof entry[1] === "object" && "condition" in entry[1]);

// RE2, which Terraform has, repeats nothing more than 1000 times and knows no
// look-around; a backslash or a quote would not survive being put into a string.
test.each(RULES)("the pattern of %s is one for Terraform, too", (_, rule) => {
  const code = rule.condition("var.v");
  for (const [, , most] of code.matchAll(/\{(\d+),(\d*)\}/g)) expect(Number(most ?? 0)).toBeLessThanOrEqual(1000);
  expect(code).not.toMatch(/\(\?[=!<]/);
  expect(code.replace(/"[^"]*"/g, "")).not.toMatch(/["\\]/);
});

describe.each(Object.entries(VALUES))("%s", (_, { rule, good, bad }) => {
  test.each(good)("takes %j", (value) => expect(rule.test(value)).toBe(true));
  test.each(bad)("does not take %j", (value) => expect(rule.test(value)).toBe(false));
});

test("each rule has values that it takes and values that it does not", () => {
  const tried = Object.values(VALUES).map(({ rule }) => rule);
  const untried = RULES.filter(([, rule]) => !tried.includes(rule)).map(([name]) => name);
  expect(untried).toEqual([]);
});
