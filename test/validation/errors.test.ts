import { Token } from "cdktf";
import { duration, inCallersWords, invalid, kindOf, refused, shown } from "../../lib/validation/errors";

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

test.each(["${var.lb01}", "${aws_instance.lb01.private_ip}", "%{ if x }", "a ${each.value} b"])("code of Terraform's in %j is said to stay text, and how it is done", (text) => {
  expect(shown(text)).toContain("Terraform code written by hand, which would stay text. Use the construct's property");
});

describe("where Python is the caller", () => {
  beforeEach(() => {
    process.env["JSII_AGENT"] = "Python/3.11";
  });
  afterEach(() => {
    delete process.env["JSII_AGENT"];
  });

  test("an error spells props and methods as Python does, and leaves values and paths alone", () => {
    expect(invalid("app/myMail/Dag", "healthCheckFall", "below healthCheckRise", "tooMuch").message).toBe('health_check_fall must be below health_check_rise, got "tooMuch" [app/myMail/Dag]');
    expect(refused("Failover.lan", 'use SslBridgeCert.fromPem, not "fromPem"').message).toBe('use SslBridgeCert.from_pem, not "fromPem" [Failover.lan]');
  });

  test("words that are not names stay unchanged", () => {
    expect(inCallersWords("HAProxy, OpenSSL, CIDR and DNS; haproxy.cfg; app/myMail/Vip")).toBe("HAProxy, OpenSSL, CIDR and DNS; haproxy.cfg; app/myMail/Vip");
  });
});

test("otherwise an error spells them as TypeScript does", () => {
  expect(invalid("x", "healthCheckFall", "a number", true).message).toBe("healthCheckFall must be a number, got true [x]");
});
