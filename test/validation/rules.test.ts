import * as checks from "../../lib/validation/rules";
import { VALUES } from "../support/values";

const RULES = Object.entries(checks).filter((entry): entry is [string, checks.Rule] => typeof entry[1] === "object" && "condition" in entry[1]);

/** The parts of a condition that Terraform reads differently than JavaScript, or that a Terraform string cannot contain. */
function unfit(condition: string): string[] {
  const text = /"((?:[^"\\]|\\.)*)"/g;
  const inside = [...condition.matchAll(text)].map(([, content = ""]) => content).join("\n");
  return [
    ...(/\\(?![nrt])/.test(inside) ? ["a backslash"] : []),
    ...(/[$%]\{/.test(inside) ? ["a template"] : []),
    // RE2, which Terraform has, knows no look-around and repeats nothing more than 1000 times.
    ...(/\(\?[=!<]/.test(inside) ? ["look-around"] : []),
    ...([...inside.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].some(([, least, most = ""]) => Number(least) > 1000 || Number(most) > 1000) ? ["too many"] : []),
    // A quote in a pattern ends its string early, and then the strings do not add up.
    ...(/["\\]/.test(condition.replace(text, "")) ? ["a quote"] : []),
  ];
}

test.each(RULES)("Terraform can evaluate the condition of the rule %s", (_, rule) => {
  expect(unfit(rule.condition("var.v"))).toEqual([]);
});

test.each([
  [/^\d$/, "a backslash"],
  [/^[$]{2}|%{x}$/, "a template"],
  [/^(?!a)b$/, "look-around"],
  [/^a{1,1001}$/, "too many"],
  [/^a{1001}$/, "too many"],
  [/^a"b$/, "a quote"],
])("the pattern %s is recognized as not usable in Terraform, because it contains %s", (pattern, reason) => {
  expect(unfit(`can(regex("${pattern.source}", var.v))`)).toContain(reason);
});

describe.each(Object.entries(VALUES))("the validation rule %s", (_, { rule, good, bad }) => {
  test.each(good)("the validation rule of this group accepts %j", (value) => expect(rule.test(value)).toBe(true));
  test.each(bad)("the validation rule of this group refuses %j", (value) => expect(rule.test(value)).toBe(false));
});

test("each validation rule has test values in test/support/values.ts", () => {
  const tried = Object.values(VALUES).map(({ rule }) => rule);
  const untried = RULES.filter(([, rule]) => !tried.includes(rule)).map(([name]) => name);
  expect(untried).toEqual([]);
});
