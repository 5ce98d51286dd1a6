import { Duration } from "cdktf-exchange-balancer";
import { untyped } from "../support/refused";

test.each([0, -1, 1.5, NaN, Infinity, 1e10])("a duration of %d seconds is refused", (amount) => {
  expect(() => Duration.seconds(amount)).toThrow(new Error(`Duration.seconds must be a whole number from 1 up to 24 days, got ${amount}`));
});

test.each([["5", '"5"'], [null, "null"], [undefined, "undefined"], [[5], "a list"], [{}, "an empty object"]])("Duration.seconds() refuses %j, because the value is not a number", (amount, shown) => {
  for (const unit of ["millis", "seconds", "minutes", "hours"] as const) {
    expect(() => Duration[unit](untyped(amount))).toThrow(new Error(`Duration.${unit} must be a whole number from 1 up to 24 days, got ${shown}`));
  }
});

test("a duration is accepted up to HAProxy's limit of 31 bits of milliseconds", () => {
  expect(Duration.millis(2_147_483_647).toMilliseconds()).toBe(2_147_483_647);
  expect(() => Duration.millis(2_147_483_648)).toThrow("24 days");
  expect(() => Duration.hours(597)).toThrow("24 days");
});

test.each([[Duration.millis(1500), "1500ms"], [Duration.millis(2000), "2s"], [Duration.seconds(90), "90s"], [Duration.seconds(120), "2m"], [Duration.hours(1), "60m"]])(
  "a duration is written with the largest unit that fits, up to minutes",
  (duration, text) => {
    expect(duration._toHaproxy()).toBe(text);
  },
);
