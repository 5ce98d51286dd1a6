import { Token } from "cdktf";
import { HaproxyLogs, RemoteLogsOptions } from "../../lib/choices/haproxy-logs";
import { Checks } from "../../lib/validation/checks";

const model = (logs: HaproxyLogs, version: "1.8" | "2.4" | "2.6" = "2.6", checks = new Checks("Mail/Master")): object => logs._toModel("Mail/Master", checks, version);

test("each choice of HaproxyLogs gives the expected log target", () => {
  expect([HaproxyLogs.files(), HaproxyLogs.journal(), HaproxyLogs.none()].map((logs) => model(logs))).toEqual([{ target: "rsyslog" }, { target: "journal" }, { target: "none" }]);
  expect(model(HaproxyLogs.remote({ address: "10.8.5.20" }))).toEqual({ target: "server", address: "10.8.5.20", port: 514, tcp: false });
  expect(model(HaproxyLogs.remote({ address: "127.0.0.1", port: 5514, tcp: true }))).toEqual({ target: "server", address: "127.0.0.1", port: 5514, tcp: true });
});

test("Terraform checks the address of a log server if the address is a token", () => {
  const checks = new Checks("Mail/Master");
  const address = Token.asString({ resolve: () => "x" });
  expect(model(HaproxyLogs.remote({ address }), "2.6", checks)).toEqual({ target: "server", address, port: 514, tcp: false });
  expect(checks.tokenChecks.map(({ errorMessage }) => errorMessage)).toEqual(["logs.address must be a unicast IPv4 or IPv6 address without leading zeros [Mail/Master]"]);
});

test.each<[string, object, string]>([
  ["a missing address", {}, "address must be"],
  ["a host name where an address is expected", { address: "syslog.example" }, 'address must be a unicast IPv4 or IPv6 address without leading zeros, got "syslog.example" [HaproxyLogs.remote]'],
  ["an address with a port", { address: "10.8.5.20:514" }, 'address must be a unicast IPv4 or IPv6 address without leading zeros, got "10.8.5.20:514"'],
  ["the address 0.0.0.0", { address: "0.0.0.0" }, "address must be a unicast"],
  ["an address with a line break", { address: "10.8.5.20\nuser root" }, "address must be a unicast"],
  ["port 0", { address: "10.8.5.20", port: 0 }, "port must be an integer from 1 to 65535, got 0"],
  ["a port that is a token", { address: "10.8.5.20", port: Token.asNumber({ resolve: () => 1 }) }, "port must be an integer"],
  ["text where true or false is expected", { address: "10.8.5.20", tcp: "yes" }, "tcp must be true or false"],
  ["an unknown option", { address: "10.8.5.20", protocol: "tcp" }, "protocol"],
])("HaproxyLogs.remote() refuses %s", (_, options, message) => {
  expect(() => HaproxyLogs.remote(options as RemoteLogsOptions)).toThrow(message);
});

test("HaproxyLogs.journal() and logs by TCP are refused if the node's HAProxy version does not support them", () => {
  expect(() => model(HaproxyLogs.journal(), "1.8")).toThrow("logs must be files(), remote() or none() with HAProxy 1.8, which cannot write to the journal, got HaproxyLogs.journal() [Mail/Master]");
  expect(() => model(HaproxyLogs.remote({ address: "10.8.5.20", tcp: true }), "2.4")).toThrow("logs.tcp must be false with HAProxy 2.4, because only HAProxy 2.6 and newer send log lines by TCP, got true [Mail/Master]");
});
