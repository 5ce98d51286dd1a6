import { Token } from "cdktf";
import { duration, inCallersWords, invalid, kindOf, refused, shown } from "../../lib/validation/errors";

test.each<[string, unknown, string]>([
  ["a text in quotation marks", 'a"b', '"a\\"b"'],
  ["only the first 200 characters of a long text", "x".repeat(201), `"${"x".repeat(200)}"…`],
  ['the words "text with a private key" for a text that contains a private key, and not the text', "x\n-----BEGIN RSA PRIVATE KEY-----\nMII", "text with a private key"],
  ["the value of a number", 5, "5"],
  ["the value NaN", NaN, "NaN"],
  ['the words "a token" for a token that stands for a number', Token.asNumber("${var.n}"), "a token"],
  ["the value null", null, "null"],
  ["the value undefined", undefined, "undefined"],
  ['the words "a list" for a list, and not its entries', [1], "a list"],
  ['the words "an empty list" for an empty list', [], "an empty list"],
  ['the words "an object" for an object, and not its keys and values', { password: "x" }, "an object"],
  ['the words "an object" for an object without a prototype, and not its keys and values', Object.assign(Object.create(null) as object, { a: 1 }), "an object"],
  ["only the class name of an instance", new Date(0), "an instance of Date"],
  ['the words "a function" for a function, and not its source', () => 1, "a function"],
  ['the words "a symbol" for a symbol, and not its description', Symbol("x"), "a symbol"],
])("an error message shows %s", (_, value, text) => expect(shown(value)).toBe(text));

test("the description of a value's kind never shows the value", () => {
  for (const value of ["s3cret", 12345, ["s3cret"], { s3cret: 1 }]) expect(kindOf(value)).not.toMatch(/s3cret|12345/);
});

test.each([[1, "1 ms"], [1500, "1500 ms"], [90_000, "90 s"], [120_000, "2 min"], [3_600_000, "1 h"]])("duration(%d) writes the milliseconds as %s", (millis, text) => expect(duration(millis)).toBe(text));

test.each(["${var.lb01}", "${aws_instance.lb01.private_ip}", "%{ if x }", "a ${each.value} b"])("the error message for the text %j says that Terraform code written by hand stays text, and what to use instead", (text) => {
  expect(shown(text)).toContain("Terraform code written by hand, which cdktf would not evaluate. Use the construct's property or method");
});

describe("error messages for callers in Python", () => {
  beforeEach(() => {
    process.env["JSII_AGENT"] = "Python/3.11";
  });
  afterEach(() => {
    delete process.env["JSII_AGENT"];
  });

  test("for a caller in Python, an error message spells props and methods in snake_case, but not values and paths", () => {
    expect(invalid("app/myMail/Dag", "healthCheckFall", "below healthCheckRise", "tooMuch").message).toBe('health_check_fall must be below health_check_rise, got "tooMuch" [app/myMail/Dag]');
    expect(refused("Failover.lan", 'use SslBridgeCert.fromPem, not "fromPem"').message).toBe('use SslBridgeCert.from_pem, not "fromPem" [Failover.lan]');
  });

  test("for a caller in Python, an error message leaves words that are not names of props or methods unchanged", () => {
    expect(inCallersWords("HAProxy, OpenSSL, CIDR and DNS; haproxy.cfg; app/myMail/Vip")).toBe("HAProxy, OpenSSL, CIDR and DNS; haproxy.cfg; app/myMail/Vip");
  });
});

test("for a caller in TypeScript, an error message spells props in camelCase", () => {
  expect(invalid("x", "healthCheckFall", "a number", true).message).toBe("healthCheckFall must be a number, got true [x]");
});
