import { VirtualDirectory } from "cdktf-exchange-balancer";
import { untyped } from "../support/refused";

test.each(["/a/b", "api", "/a b", "/a\"", "/%65cp", "/..", "/a\nb"])("VirtualDirectory.of() refuses the path %j", (path) => {
  expect(() => VirtualDirectory.of(path)).toThrow("path must be one path segment, such as /api, got ");
});

test("VirtualDirectory.of() refuses a path that is not text", () => {
  expect(() => VirtualDirectory.of(untyped(["/api"]))).toThrow(new Error("path must be one path segment, such as /api, got a list [VirtualDirectory.of]"));
});

test.each(["owa", "/a b", "/a\r\nb", "/a#b", ""])("the path %j of a health page is refused", (path) => {
  expect(() => VirtualDirectory.owa({ healthPath: path })).toThrow("healthPath must be a path such as /owa/healthcheck.htm, got ");
});

test.each<[string, object, string]>([
  ["a balance that HAProxy does not have", { balance: "random" }, 'balance must be one of roundrobin, leastconn, source, got "random"'],
  ["a timeout in seconds", { serverTimeout: 30 }, "serverTimeout must be a Duration, such as Duration.seconds(15), got 30"],
  ["a timeout in text", { connectTimeout: "4s" }, 'connectTimeout must be a Duration, such as Duration.seconds(15), got "4s"'],
  ["a health page of null", { healthPath: null }, "healthPath must be a value, or left out, got null"],
  ["a key in Python's spelling", { server_timeout: 1 }, 'options must be an object of known keys, got the unknown key "server_timeout": did you mean serverTimeout?'],
])("each factory of VirtualDirectory refuses %s, and the message names the factory", (_, options, message) => {
  expect(() => VirtualDirectory.activeSync(untyped(options))).toThrow(new Error(`${message} [VirtualDirectory.activeSync]`));
  expect(() => VirtualDirectory.of("/api", untyped(options))).toThrow(new Error(`${message} [VirtualDirectory.of]`));
});
