import { Duration } from "cdktf-exchange-balancer";
import { untyped } from "../support/refused";

test.each([0, -1, 1.5, NaN, Infinity, 1e10])("a duration of %d seconds is refused", (amount) => {
  expect(() => Duration.seconds(amount)).toThrow(new Error(`Duration.seconds must be a whole number, at least 1 and at most 24.8 days, got ${amount}`));
});

test.each([["5", '"5"'], [null, "null"], [undefined, "undefined"], [[5], "a list"], [{}, "an empty object"]])("Duration.seconds() refuses %j, because the value is not a number", (amount, shown) => {
  for (const unit of ["millis", "seconds", "minutes", "hours"] as const) {
    expect(() => Duration[unit](untyped(amount))).toThrow(new Error(`Duration.${unit} must be a whole number, at least 1 and at most 24.8 days, got ${shown}`));
  }
});

test("a Duration may have at most 2147483647 ms (24.8 days), because HAProxy counts milliseconds in 31 bits", () => {
  expect(Duration.millis(2_147_483_647).toMilliseconds()).toBe(2_147_483_647);
  expect(() => Duration.millis(2_147_483_648)).toThrow("24.8 days");
  expect(() => Duration.hours(597)).toThrow("24.8 days");
});

test.each([[Duration.millis(1500), "1500ms"], [Duration.millis(2000), "2s"], [Duration.seconds(90), "90s"], [Duration.seconds(120), "2m"], [Duration.hours(1), "60m"]])(
  "haproxy.cfg gets a duration in the largest unit that expresses it exactly: ms, s or m",
  (duration, text) => {
    expect(duration._toHaproxy()).toBe(text);
  },
);
