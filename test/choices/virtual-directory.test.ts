import { VirtualDirectory } from "cdktf-exchange-balancer";
import { untyped } from "../support/refused";

test.each(["/a/b", "api", "/a b", "/a\"", "/%65cp", "/..", "/a\nb"])("VirtualDirectory.of() refuses the path %j", (path) => {
  expect(() => VirtualDirectory.of(path)).toThrow("path must be one path segment, such as /api, got ");
});

test("VirtualDirectory.of() refuses a path that is not text", () => {
  expect(() => VirtualDirectory.of(untyped(["/api"]))).toThrow(new Error("path must be one path segment, such as /api, got a list [VirtualDirectory.of]"));
});

test.each(["owa", "/a b", "/a\r\nb", "/a#b", ""])("the path %j is refused as healthPath", (path) => {
  expect(() => VirtualDirectory.owa({ healthPath: path })).toThrow("healthPath must be a path such as /owa/healthcheck.htm, got ");
});

test.each<[string, object, string]>([
  ["an unknown balance", { balance: "random" }, 'balance must be one of roundrobin, leastconn, source, got "random"'],
  ["a number where a Duration is expected", { serverTimeout: 30 }, "serverTimeout must be a Duration, such as Duration.seconds(15), got 30"],
  ["text where a Duration is expected", { connectTimeout: "4s" }, 'connectTimeout must be a Duration, such as Duration.seconds(15), got "4s"'],
  ["null where a health path is expected", { healthPath: null }, "healthPath must be a value, or left out, got null"],
  ["an option name in snake_case", { server_timeout: 1 }, 'options must be an object of known keys, got the unknown key "server_timeout": did you mean serverTimeout?'],
])("each factory of VirtualDirectory refuses %s, and the error message contains the factory's name", (_, options, message) => {
  expect(() => VirtualDirectory.activeSync(untyped(options))).toThrow(new Error(`${message} [VirtualDirectory.activeSync]`));
  expect(() => VirtualDirectory.of("/api", untyped(options))).toThrow(new Error(`${message} [VirtualDirectory.of]`));
});
