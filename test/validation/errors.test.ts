import { Token } from "cdktf";
import { duration, kindOf, shown } from "../../lib/validation/errors";

test.each<[string, unknown, string]>([
  ["text", 'a"b', '"a\\"b"'],
  ["long text", "x".repeat(201), `"${"x".repeat(200)}"…`],
  ["a private key", "x\n-----BEGIN RSA PRIVATE KEY-----\nMII", "text with a private key"],
  ["a number", 5, "5"],
  ["NaN", NaN, "NaN"],
  ["a token of a number", Token.asNumber("${var.n}"), "a token"],
  ["null", null, "null"],
  ["undefined", undefined, "undefined"],
  ["a list", [1], "a list"],
  ["an empty list", [], "an empty list"],
  ["an object, whose content may be secret", { password: "x" }, "an object"],
  ["an object without a prototype", Object.assign(Object.create(null) as object, { a: 1 }), "an object"],
  ["an instance", new Date(0), "an instance of Date"],
  ["a function", () => 1, "a function"],
  ["a symbol", Symbol("x"), "a symbol"],
])("%s is shown", (_, value, text) => expect(shown(value)).toBe(text));

test("a kind never shows the value", () => {
  for (const value of ["s3cret", 12345, ["s3cret"], { s3cret: 1 }]) expect(kindOf(value)).not.toMatch(/s3cret|12345/);
});

test.each([[1, "1 ms"], [1500, "1500 ms"], [90_000, "90 s"], [120_000, "2 min"], [3_600_000, "1 h"]])("%d ms is said as %s", (millis, text) => expect(duration(millis)).toBe(text));
